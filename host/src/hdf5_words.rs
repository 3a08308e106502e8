//! What HDF5's errors mean: its innermost messages say more than the outermost ones.

use hdf5_metno::Error;

/// The system's reason (`No space left on device`), where it was the system that refused. HDF5 hides it among
/// addresses and temporary names: `errno = 28, error message = '...'`.
pub(crate) fn system(error: &Error) -> Option<String> {
    let stack = error.stack()?;
    stack.iter().find_map(|frame| {
        let (_, rest) = frame.desc().split_once("error message = '")?;
        Some(rest.split_once('\'').map_or(rest, |(reason, _)| reason).to_string())
    })
}

/// The system's reason, else HDF5's innermost message.
pub(crate) fn reason(error: &Error) -> String {
    let innermost = || error.stack()?.last().map(|frame| frame.desc().to_string());
    system(error).or_else(innermost).unwrap_or_else(|| error.to_string())
}
