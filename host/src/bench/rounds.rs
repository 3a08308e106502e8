//! Contenders in turn: each round runs all of them, and the order rotates, so that a slow spell of the machine hits all.
//! Ratios are taken within a round.

use super::contract::Answer;
use super::median;
use serde::Serialize;

/// A contender's answers, one a round, or why it was left out.
pub type Answers<E> = Result<Vec<Answer>, E>;

/// Runs `contenders` of them in each of `rounds`; one that fails is left out of what follows. `run` is given the number of
/// the contender.
pub fn interleaved<E>(
    contenders: usize,
    rounds: usize,
    mut run: impl FnMut(usize) -> Result<Answer, E>,
) -> Vec<Answers<E>> {
    let mut found: Vec<Answers<E>> = (0..contenders).map(|_| Ok(Vec::new())).collect();
    for round in 0..rounds {
        for turn in 0..contenders {
            let number = (round + turn) % contenders;
            if let Ok(answers) = &mut found[number] {
                match run(number) {
                    Ok(answer) => answers.push(answer),
                    Err(error) => found[number] = Err(error),
                }
            }
        }
    }
    found
}

/// How many times longer than ours a peer takes, round by round.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// The median of the rounds.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
    /// Whether processor time was compared; else both were timed by the clock.
    pub cpu_time: bool,
}

impl Ratio {
    /// Of as many rounds as both have; `None` without one.
    pub fn of(ours: &[Answer], theirs: &[Answer]) -> Option<Ratio> {
        let pairs = || ours.iter().zip(theirs);
        let cpu_time = pairs().all(|(a, b)| a.cpu_s.is_some() && b.cpu_s.is_some());
        let time = |answer: &Answer| answer.cpu_s.filter(|_| cpu_time).unwrap_or(answer.wall_s);
        let mut ratios: Vec<f64> = pairs().map(|(a, b)| time(b) / time(a)).collect();
        let median = median(&mut ratios);
        Some(Ratio { median, least: *ratios.first()?, most: *ratios.last()?, cpu_time })
    }
}

/// The median of what a frame took, in processor time where all rounds tell it.
pub fn seconds(answers: &[Answer]) -> f64 {
    let cpu: Option<Vec<f64>> = answers.iter().map(|answer| answer.cpu_s).collect();
    median(&mut cpu.unwrap_or_else(|| answers.iter().map(|answer| answer.wall_s).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(wall_s: f64, cpu_s: Option<f64>) -> Answer {
        Answer { frames: 1, wall_s, cpu_s }
    }

    #[test]
    fn rounds_rotate_and_leave_out_who_failed() {
        let mut turns = Vec::new();
        let found = interleaved(3, 4, |number| {
            turns.push(number);
            let times = turns.iter().filter(|&&turn| turn == number).count();
            if number == 1 && times == 2 { Err("broke") } else { Ok(answer(times as f64, None)) }
        });
        assert_eq!(turns, [0, 1, 2, 1, 2, 0, 2, 0, 0, 2]);
        assert_eq!(found[1], Err("broke"));
        let walls = |number: usize| found[number].as_ref().unwrap().iter().map(|a| a.wall_s).collect::<Vec<_>>();
        assert_eq!((walls(0), walls(2)), (vec![1.0, 2.0, 3.0, 4.0], vec![1.0, 2.0, 3.0, 4.0]));
    }

    #[test]
    fn ratio_is_of_processor_time_where_both_tell_it() {
        let ours = [answer(1.0, Some(0.5)), answer(1.0, Some(0.25)), answer(1.0, Some(0.5))];
        let theirs = [answer(9.0, Some(1.0)), answer(9.0, Some(1.0)), answer(9.0, Some(1.5))];
        let ratio = Ratio { median: 3.0, least: 2.0, most: 4.0, cpu_time: true };
        assert_eq!(Ratio::of(&ours, &theirs), Some(ratio));
        assert_eq!(seconds(&ours), 0.5);
        let unsure = [answer(9.0, None), answer(3.0, Some(1.0))];
        let ratio = Ratio { median: 6.0, least: 3.0, most: 9.0, cpu_time: false };
        assert_eq!(Ratio::of(&ours, &unsure), Some(ratio));
        assert_eq!(seconds(&unsure), 6.0);
        assert_eq!(Ratio::of(&ours, &[]), None);
    }
}
