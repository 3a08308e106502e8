//! Names of cards: `vfio:0000:65:00.0`, `vfio-user:/run/card.sock`.

#[cfg(feature = "sim")]
use debye_sim::device::models::CardKind;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

/// Where a card is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardAddress {
    /// A PCI function that is bound to vfio-pci: `0000:65:00.0`.
    Vfio(String),
    /// A process that serves a card at a socket.
    VfioUser(PathBuf),
    /// A simulated card in this process.
    #[cfg(feature = "sim")]
    Sim(CardKind),
}

/// A text that names no card.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} names no card: give vfio:0000:65:00.0 (a PCI function) or vfio-user:SOCKET{hint}")]
pub struct ParseAddressError {
    text: String,
    hint: &'static str,
}

impl FromStr for CardAddress {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<CardAddress, ParseAddressError> {
        let wrong = |hint| Err(ParseAddressError { text: text.into(), hint });
        match text.split_once(':') {
            Some(("vfio", function)) => match full_function(function) {
                Some(function) => Ok(CardAddress::Vfio(function)),
                None => wrong("; a PCI function is DOMAIN:BUS:DEVICE.FUNCTION in hexadecimal"),
            },
            Some(("vfio-user", "")) => wrong("; the socket is missing"),
            Some(("vfio-user", socket)) => Ok(CardAddress::VfioUser(socket.into())),
            #[cfg(feature = "sim")]
            Some(("sim", "spec")) => Ok(CardAddress::Sim(CardKind::Spec)),
            #[cfg(feature = "sim")]
            Some(("sim", "verilator")) => Ok(CardAddress::Sim(CardKind::Verilator)),
            #[cfg(feature = "sim")]
            Some(("sim", _)) => wrong("; simulated in this process are sim:spec and sim:verilator"),
            _ => wrong(""),
        }
    }
}

/// `0000:65:00.0` of `0000:65:00.0` or `65:00.0`, in lower case.
fn full_function(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split([':', '.']).collect();
    let (domain, rest) = match parts.as_slice() {
        [domain, rest @ ..] if rest.len() == 3 => (*domain, rest),
        rest if rest.len() == 3 => ("0000", rest),
        _ => return None,
    };
    let number = |text: &str, digits: usize, most: u32| {
        let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(text, 16).ok().filter(|&value| plain && value <= most)
    };
    let (domain, bus) = (number(domain, 4, 0xffff)?, number(rest[0], 2, 0xff)?);
    let (device, function) = (number(rest[1], 2, 0x1f)?, number(rest[2], 1, 7)?);
    let full = format!("{domain:04x}:{bus:02x}:{device:02x}.{function:x}");
    // The places of colons and the point are those of the full form, or of its end.
    full.ends_with(&text.to_ascii_lowercase()).then_some(full)
}

impl fmt::Display for CardAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CardAddress::Vfio(function) => write!(f, "vfio:{function}"),
            CardAddress::VfioUser(socket) => write!(f, "vfio-user:{}", socket.display()),
            #[cfg(feature = "sim")]
            CardAddress::Sim(CardKind::Spec) => write!(f, "sim:spec"),
            #[cfg(feature = "sim")]
            CardAddress::Sim(CardKind::Verilator) => write!(f, "sim:verilator"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_each_form_is_read_and_written() {
        for (text, written) in [
            ("vfio:0000:65:00.0", "vfio:0000:65:00.0"),
            ("vfio:65:1F.7", "vfio:0000:65:1f.7"),
            ("vfio-user:/run/a:b.sock", "vfio-user:/run/a:b.sock"),
        ] {
            assert_eq!(text.parse::<CardAddress>().map(|address| address.to_string()), Ok(written.into()));
        }
    }

    #[test]
    fn address_of_nothing_is_refused_with_a_hint() {
        for text in [
            "",
            "vfio",
            "vfio:",
            "vfio:65:00",
            "vfio:65.00.0",
            "vfio:0000:65:20.0",
            "vfio:0000:65:00.8",
            "vfio:../../x",
            "vfio:+1:65:00.0",
            "vfio-user:",
            "card0",
            "xdma:/dev/xdma0",
            "vfio:0:65:00.0",
            "vfio:00000:65:00.0",
        ] {
            let told = text.parse::<CardAddress>().unwrap_err().to_string();
            assert!(told.contains("vfio-user:SOCKET"), "{told}");
        }
    }
}
