//! `debye report compare`: two reports side by side.

use crate::cmd::Outcome;
use crate::cmd::arguments::number;
use crate::cmd::text::Table;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::plot::chart::short;
use debye::report::compare::{Change, Comparison, Row, Tolerances, compare, read};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(
    after_help = "Exit code: 0 nothing is worse than may be; 1 something is, is missing or is wrong, or it failed; 2 wrong usage."
)]
pub struct CompareArgs {
    /// The earlier report: its folder or its report.json
    a: PathBuf,

    /// The later one
    b: PathBuf,

    /// Sizes, ratios and facts may be so many percent worse
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "0.1")]
    ratio_tolerance: f64,

    /// Errors of lossy operations and what techniques say of them may be so many percent worse
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "1")]
    error_tolerance: f64,

    /// Rates may be so many percent lower [default: they are told and do not count: the machine was another, or busy]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    rate_tolerance: Option<f64>,

    /// The reports may be about different pixels
    #[arg(long)]
    different_data: bool,

    /// Tell what did not change, too
    #[arg(long)]
    all: bool,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn percent(text: &str) -> Result<f64, String> {
    number(text).ok().filter(|number| *number >= 0.0).ok_or_else(|| "a number of percent, 0 or more, is needed".into())
}

/// Runs the command.
pub fn run(args: &CompareArgs) -> Outcome {
    let (a, b) = (read(&args.a)?, read(&args.b)?);
    let tolerances = Tolerances {
        exact: args.ratio_tolerance / 100.0,
        errors: args.error_tolerance / 100.0,
        rates: args.rate_tolerance.map(|percent| percent / 100.0),
    };
    let comparison = compare(&a, &b, &tolerances);
    if !comparison.same_data && !args.different_data {
        return Err(
            "the reports are about different pixels (their SHA-256 differ): add --different-data to compare them"
                .into(),
        );
    }
    if args.json {
        say!("{:#}", json!({ "a": args.a, "b": args.b, "tolerances": tolerances, "comparison": comparison }));
    } else {
        print(&comparison, args.all);
    }
    Ok(if comparison.regressions == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(comparison: &Comparison, all: bool) {
    let shown: Vec<&Row> = comparison.rows.iter().filter(|row| all || row.change != Change::Same).collect();
    if !shown.is_empty() {
        let mut table = Table::new(&["figure", "a", "b", "change", ""]);
        for row in shown {
            let told = |value: Option<f64>| value.map_or_else(String::new, short);
            let names =
                [row.section, row.subject.as_str(), row.quantity.as_str()].into_iter().filter(|name| !name.is_empty());
            let unit = if row.unit.is_empty() { String::new() } else { format!(" ({})", row.unit) };
            let name = format!("{}{unit}", names.collect::<Vec<_>>().join(" / "));
            let change = match (row.a, row.b) {
                (Some(a), Some(b)) if a != 0.0 => format!("{:+.2} %", (b - a) / a.abs() * 100.0),
                _ => String::new(),
            };
            let verdict = match row.change {
                Change::Same => "same",
                Change::Within => "",
                Change::Better => "better",
                Change::Worse => "WORSE",
                Change::Wrong => "WRONG",
                Change::Missing => "MISSING",
                Change::New => "new",
            };
            table.row([name, told(row.a), told(row.b), change, verdict.into()]);
        }
        table.print();
    }
    let same = comparison.rows.iter().filter(|row| row.change == Change::Same).count();
    let data = if comparison.same_data { "the same pixels" } else { "different pixels" };
    say!(
        "{data}: {} figures, {same} the same, {} worse, wrong or missing",
        comparison.rows.len(),
        comparison.regressions
    );
}
