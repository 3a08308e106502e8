//! What the card in an image can do.

use crate::element::Element;
use crate::registers::Capabilities;
use crate::ring_map::{EncodeCapabilities, RingCapabilities};
use crate::rings::{Kind as Submission, kind_bit};
use crate::wire::element_code;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What a card can do, as its registers say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Abilities {
    /// Lanes.
    pub lanes: u32,
    /// Groups of lanes that share a read of the table.
    pub groups: u32,
    /// Bins that a lane's histograms hold.
    pub max_bins: u32,
    /// log2 of the bytes of the largest LZ4 block.
    pub block_log2: u32,
    /// log2 of the operations that a lane's FIFO holds.
    pub op_fifo_log2: u32,
    /// Pixel types.
    pub elements: Vec<Pixels>,
    /// The ring engine; `None`: the core is fed by something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rings: Option<Rings>,
    /// Encoder lanes; `None`: it does not encode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encode: Option<Encode>,
}

/// A ring engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rings {
    /// Queues.
    pub queues: u32,
    /// log2 of the submissions in flight.
    pub flights_log2: u32,
    /// log2 of the bytes of the table memory.
    pub memory_log2: u32,
    /// Kinds of submissions.
    pub jobs: Vec<Job>,
}

/// Encoder lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encode {
    /// Lanes.
    pub lanes: u32,
    /// log2 of the bytes of the blocks that they make.
    pub block_log2: u32,
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident of $of:ty: $($variant:ident = $text:literal),*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`.")]
                #[serde(rename = $text)]
                $variant,
            )*
        }

        impl $name {
            /// All of them, and what they are.
            pub(super) const ALL: &[($name, $of)] = &[$(($name::$variant, <$of>::$variant)),*];
        }
    };
}

names! {
    /// A pixel type.
    Pixels of Element: U8 = "u8", U16 = "u16", U32 = "u32", I16 = "i16", I32 = "i32"
}

names! {
    /// A kind of submission.
    Job of Submission: Integrate = "integrate", Upload = "upload", Copy = "copy", Encode = "encode", Fuse = "fuse"
}

impl Abilities {
    /// Out of what registers say.
    pub fn new(
        core: &Capabilities,
        rings: Option<&RingCapabilities>,
        encode: Option<&EncodeCapabilities>,
    ) -> Abilities {
        Abilities {
            lanes: core.lanes,
            groups: core.groups,
            max_bins: core.max_bins,
            block_log2: core.block_log2,
            op_fifo_log2: core.op_fifo_log2,
            elements: Pixels::ALL.iter().filter(|(_, element)| core.takes(*element)).map(|(name, _)| *name).collect(),
            rings: rings.map(|rings| Rings {
                queues: rings.queues,
                flights_log2: rings.flights_log2,
                memory_log2: rings.memory_log2,
                jobs: Job::ALL
                    .iter()
                    .filter(|(_, kind)| rings.kinds & kind_bit(*kind) != 0)
                    .map(|(name, _)| *name)
                    .collect(),
            }),
            encode: encode
                .filter(|encode| encode.lanes > 0)
                .map(|encode| Encode { lanes: encode.lanes, block_log2: encode.block_log2 }),
        }
    }

    /// What the register `capabilities` and `max_bins` of such a card say.
    pub fn core(&self) -> Capabilities {
        let bit = |name: &Pixels| {
            let (_, element) = Pixels::ALL.iter().find(|(other, _)| other == name)?;
            Some(1 << element_code(*element))
        };
        Capabilities {
            lanes: self.lanes,
            groups: self.groups,
            block_log2: self.block_log2,
            op_fifo_log2: self.op_fifo_log2,
            elements: self.elements.iter().filter_map(bit).fold(0, |bits, bit: u32| bits | bit),
            max_bins: self.max_bins,
        }
    }

    /// What the register `ring_capabilities` says.
    pub fn ring(&self) -> Option<RingCapabilities> {
        let rings = self.rings.as_ref()?;
        let bit = |name: &Job| Job::ALL.iter().find(|(other, _)| other == name).map(|(_, kind)| kind_bit(*kind));
        Some(RingCapabilities {
            queues: rings.queues,
            flights_log2: rings.flights_log2,
            kinds: rings.jobs.iter().filter_map(bit).fold(0, |bits, bit| bits | bit),
            memory_log2: rings.memory_log2,
        })
    }
}
