//! Which engine encodes, and why.

use super::card_args::{self, CardArgs};
use clap::ValueEnum;
use debye::card::{Card, CardError};
use debye::codec::encode::Codec;
use debye::engine::encode::{EncodeCards, OnDeath};
use debye::recode::Cards;
use debye::transport::CardAddress;
use std::error::Error;
use std::sync::Arc;

/// Who encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// A card that encodes, else the CPU
    Auto,
    /// This machine's CPU
    Cpu,
    /// A card
    Card,
    /// A simulated card in this process
    Sim,
}

/// Which simulated card.
#[cfg(feature = "sim")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// The definition; no clock
    Spec,
    /// The emitted Verilog under Verilator
    Verilator,
}

/// There is none.
#[cfg(not(feature = "sim"))]
#[derive(Clone, Copy)]
pub struct Model;

/// What was taken.
pub struct Taken {
    /// Its name.
    pub name: &'static str,
    /// Why, or which.
    pub reason: String,
    /// Cards.
    pub cards: Option<Cards>,
}

fn cpu(reason: impl Into<String>) -> Taken {
    Taken { name: "cpu", reason: reason.into(), cards: None }
}

/// Takes an engine.
pub fn take(engine: Engine, card: &CardArgs, model: Model, codec: Codec) -> Result<Taken, Box<dyn Error>> {
    if matches!(engine, Engine::Cpu | Engine::Sim) && !card.cards.is_empty() {
        let name = if engine == Engine::Cpu { "cpu" } else { "sim" };
        return Err(format!("--card names a card, --engine {name} takes none: leave one of them out").into());
    }
    if matches!(engine, Engine::Card | Engine::Sim) && codec != Codec::Debye {
        let name = codec.name();
        return Err(format!("a card makes the chunks of --codec debye: use --engine cpu for --codec {name}").into());
    }
    match engine {
        Engine::Cpu => Ok(cpu("it was asked for")),
        Engine::Sim => {
            let address = simulated(model)?;
            let cards = start(card_args::open(&[address])?, card, OnDeath::Fail)?;
            Ok(Taken { name: "sim", reason: cards.describe().into(), cards: Some(Cards { cards, only: true }) })
        }
        Engine::Card => {
            let addresses = card.addresses();
            if addresses.is_empty() {
                return Err(
                    "no card is bound to vfio-pci here: name one with --card (`debye card list` shows what keeps \
                            a card from being used)"
                        .into(),
                );
            }
            let cards = start(card_args::open(&addresses)?, card, OnDeath::Fail)?;
            Ok(Taken { name: "card", reason: cards.describe().into(), cards: Some(Cards { cards, only: true }) })
        }
        Engine::Auto if codec != Codec::Debye => Ok(cpu(format!("--codec {} is the CPU's alone", codec.name()))),
        Engine::Auto => Ok(found(card)),
    }
}

/// The cards that encode, of those that there are.
fn found(args: &CardArgs) -> Taken {
    let addresses = args.addresses();
    if addresses.is_empty() {
        return cpu("no card is bound to vfio-pci and none was named");
    }
    let (mut cards, mut skipped) = (Vec::new(), Vec::new());
    for address in &addresses {
        match Card::open(address) {
            Ok(card) if card.encodes.is_some() => cards.push(card),
            Ok(card) => skipped.push(format!("the card {} does not encode", card.address())),
            Err(error) => skipped.push(error.to_string()),
        }
    }
    let skipped = skipped.join("; ");
    if cards.is_empty() {
        return cpu(format!("no card can be used: {skipped}"));
    }
    match start(cards, args, OnDeath::Continue(None)) {
        Ok(cards) => {
            let reason = if skipped.is_empty() { String::new() } else { format!(" ({skipped})") };
            let reason = format!("{}{reason}", cards.describe());
            Taken { name: "card", reason, cards: Some(Cards { cards, only: false }) }
        }
        Err(error) => cpu(format!("no card can be used: {error}")),
    }
}

fn start(cards: Vec<Card>, args: &CardArgs, on_death: OnDeath) -> Result<Arc<EncodeCards>, CardError> {
    Ok(Arc::new(EncodeCards::start(cards, args.config(), on_death)?))
}

#[cfg(feature = "sim")]
fn simulated(model: Model) -> Result<CardAddress, Box<dyn Error>> {
    use debye_sim::device::models::CardKind;
    Ok(CardAddress::Sim(match model {
        Model::Spec => CardKind::Spec,
        Model::Verilator => CardKind::Verilator,
    }))
}

#[cfg(not(feature = "sim"))]
fn simulated(_: Model) -> Result<CardAddress, Box<dyn Error>> {
    Err("this program was built without simulated cards (feature `sim`): use --engine cpu, card or auto".into())
}
