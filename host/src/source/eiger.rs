//! Dectris' master files: a group of links `data_000001`, `data_000002`... to data files.

use super::search::Found;
use hdf5_metno::File;

/// The data sets `data_NNNNNN` in a group, in the order of their numbers; `None` when there are none.
pub(super) fn data_files(opened: &File, group: &str) -> Option<Found> {
    let names = opened.group(group).ok()?.member_names().ok()?;
    let mut numbered: Vec<(u64, &String)> = names
        .iter()
        .filter_map(|name| {
            let digits = name.strip_prefix("data_")?;
            let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
            Some((plain.then(|| digits.parse().ok())??, name))
        })
        .collect();
    numbered.sort();
    let base = group.trim_end_matches('/');
    let paths: Vec<String> = numbered.iter().map(|(_, name)| format!("{base}/{name}")).collect();
    match paths.as_slice() {
        [] => None,
        [only] => Some(Found { name: only.clone(), paths: paths.clone() }),
        _ => Some(Found { name: group.into(), paths }),
    }
}
