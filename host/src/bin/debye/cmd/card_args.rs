//! Cards on the command line.

use super::arguments::number;
use clap::Args as ClapArgs;
use debye::card::{Card, CardError, DriverConfig};
use debye::transport::{CardAddress, System};
use std::time::Duration;

/// Cards that a command drives.
#[derive(ClapArgs)]
#[command(next_help_heading = "Card")]
pub struct CardArgs {
    /// Cards to use: vfio:0000:65:00.0, vfio-user:SOCKET or sim:spec; several with commas [default: those bound to
    /// vfio-pci]
    #[arg(long = "card", value_name = "ADDR", value_delimiter = ',')]
    pub cards: Vec<CardAddress>,

    /// A card that completes nothing for so long is reset; if that does not help it is given up
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    pub card_timeout: Duration,
}

impl CardArgs {
    /// The cards that are meant: those that were named, or those that there are.
    pub fn addresses(&self) -> Vec<CardAddress> {
        if self.cards.is_empty() { bound() } else { self.cards.clone() }
    }

    /// How they are driven.
    pub fn config(&self) -> DriverConfig {
        DriverConfig { timeout: self.card_timeout, ..DriverConfig::default() }
    }
}

/// Cards of this machine that a driver can take.
pub fn bound() -> Vec<CardAddress> {
    let found = System::default().scan().into_iter();
    let bound = found.filter(|found| found.driver.as_deref() == Some("vfio-pci"));
    bound.map(|found| CardAddress::Vfio(found.function)).collect()
}

/// Opens all of them.
pub fn open(addresses: &[CardAddress]) -> Result<Vec<Card>, CardError> {
    addresses.iter().map(Card::open).collect()
}

fn seconds(text: &str) -> Result<Duration, String> {
    let value = number(text)?;
    let time = Duration::try_from_secs_f64(value).ok().filter(|time| *time >= Duration::from_millis(1));
    time.ok_or_else(|| "a time of at least 0.001 s is needed".into())
}
