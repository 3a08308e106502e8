//! What lossy steps need to know of a data set, and what they leave in the output.

use super::{Lossy, RecodeError, Request, Threshold};
use crate::put;
use hdf5_metno::{Error, File, Group, LinkType};

/// Whether thresholds of each pixel fit the data set.
pub(super) fn check_thresholds(lossy: &Lossy, path: &str, dimensions: &[u64]) -> Result<(), RecodeError> {
    let Threshold::PerPixel { shape, .. } = &lossy.threshold else { return Ok(()) };
    let frame = match *dimensions {
        [.., rows, columns] => [rows as usize, columns as usize],
        [length] => [1, length as usize],
        [] => [0, 0],
    };
    if frame == *shape && dimensions.len() > 1 {
        return Ok(());
    }
    Err(RecodeError::ThresholdShape { dataset: path.into(), shape: *shape, frame })
}

/// Says in the output what was taken, in each NXprocess that [`processes`] makes.
pub(super) fn record(output: &File, lossy: &Lossy, request: &Request) -> Result<(), Error> {
    for process in processes(output, "debye_lossy", &request.command_line, &lossy.describe())? {
        match &lossy.threshold {
            Threshold::None => {}
            Threshold::Global(value) => {
                put::number(&process, "threshold", *value)?;
            }
            Threshold::PerPixel { values, source, .. } => {
                put::text(&process, "threshold_file", source)?;
                put::vector(&process, "threshold", values)?;
            }
        }
        if let Some(step) = lossy.step {
            put::number(&process, "quantise_sigma", crate::lossy::sigmas(step))?;
        }
    }
    Ok(())
}

/// An NXprocess of this program in each NXentry, or at the root of a file without one.
pub(crate) fn processes(output: &File, name: &str, command: &str, description: &str) -> Result<Vec<Group>, Error> {
    let root = output.as_group()?;
    // Links of other kinds may lead to other files, to an entry once more, or nowhere.
    let mut names = Vec::new();
    root.iter_visit_default(|name, link| {
        if link.link_type == LinkType::Hard {
            names.push(name.to_owned());
        }
        Ok(())
    })?;
    let mut entries: Vec<Group> = Vec::new();
    for group in names.iter().filter_map(|name| root.group(name).ok()) {
        let class = group.attr("NX_class").and_then(|class| class.as_reader().read_scalar());
        let is_entry = class.is_ok_and(|class: hdf5_metno::types::VarLenUnicode| class.as_str() == "NXentry");
        let token = group.loc_info()?.token;
        if is_entry && !entries.iter().any(|known| known.loc_info().is_ok_and(|known| known.token == token)) {
            entries.push(group);
        }
    }
    let places = if entries.is_empty() { vec![root] } else { entries };
    let mut made = Vec::new();
    for place in places {
        let names = (1..).map(|n| if n == 1 { name.into() } else { format!("{name}_{n}") });
        let Some(name) = names.take(1000).find(|name: &String| !place.link_exists(name)) else { continue };
        let process = put::class(&place, &name, "NXprocess")?;
        put::text(&process, "program", "debye")?;
        put::text(&process, "version", crate::VERSION)?;
        put::text(&process, "command", command)?;
        put::text(&process, "description", description)?;
        made.push(process);
    }
    Ok(made)
}
