//! What flashing looks like while it goes on.

use debye::flash::{Event, Phase};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use std::time::Instant;

/// A bar a phase, and the seconds of each.
pub struct Show {
    bar: ProgressBar,
    phases: Vec<(Phase, Instant, f64)>,
}

impl Show {
    /// `hidden`: nothing is drawn.
    pub fn new(hidden: bool) -> Show {
        let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new(0) };
        if let Ok(style) = ProgressStyle::with_template("{msg:>8} [{bar:40}] {bytes:>10} of {total_bytes} {eta:>4}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Show { bar, phases: vec![] }
    }

    /// Takes an event.
    pub fn event(&mut self, event: Event) {
        match event {
            Event::Begins(phase, bytes) => {
                self.end();
                self.phases.push((phase, Instant::now(), 0.0));
                self.bar.reset();
                self.bar.set_length(bytes);
                self.bar.set_message(phase.name());
            }
            Event::Done(bytes) => self.bar.inc(bytes),
        }
    }

    /// Ends the phase that is shown.
    pub fn end(&mut self) {
        if let Some((_, began, seconds)) = self.phases.last_mut().filter(|(.., seconds)| *seconds == 0.0) {
            *seconds = began.elapsed().as_secs_f64();
        }
    }

    /// Takes the bar away; gives the seconds of each phase.
    pub fn close(mut self) -> Value {
        self.end();
        self.bar.finish_and_clear();
        let seconds = self.phases.iter().map(|(phase, _, seconds)| (phase.name().to_owned(), json!(seconds)));
        Value::Object(seconds.collect::<Map<_, _>>())
    }
}
