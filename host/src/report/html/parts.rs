//! Pieces of a page: text, tables, figures with captions.

use crate::plot::PlotError;
use crate::plot::chart::short;

/// Text in which nothing means a tag.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// What stands in a cell.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Text, escaped when it is written.
    Text(String),
    /// A number, to three digits.
    Number(f64),
    /// A number that is written as it is.
    Exact(String),
    /// A verdict.
    Mark(Option<bool>, String),
    /// Short text in a fixed font.
    Code(String),
}

impl Cell {
    /// Text.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// A whole number with its thousands apart.
    pub fn whole(number: u64) -> Cell {
        Cell::Exact(grouped(number))
    }

    /// Yes or no.
    pub fn yes(good: bool, yes: &str, no: &str) -> Cell {
        Cell::Mark(Some(good), if good { yes } else { no }.into())
    }

    fn html(&self) -> (bool, String) {
        match self {
            Cell::Text(text) => (true, escape(text)),
            Cell::Code(text) => (true, format!("<code>{}</code>", escape(text))),
            Cell::Number(number) => (false, escape(&short(*number))),
            Cell::Exact(text) => (false, escape(text)),
            Cell::Mark(good, text) => (true, mark(*good, text)),
        }
    }
}

/// A verdict: good, bad or neither.
pub fn mark(good: Option<bool>, text: &str) -> String {
    let class = match good {
        Some(true) => " good",
        Some(false) => " bad",
        None => "",
    };
    format!("<span class=\"mark{class}\">{}</span>", escape(text))
}

/// A number with its thousands apart, by spaces that do not break.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A number of bytes in a unit of 1000.
pub fn bytes(count: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let (mut value, mut unit) = (count, 0);
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{} {}", short(value), units[unit])
}

/// A table; the headings say with a leading `<` that a column is text.
pub fn table(headings: &[&str], rows: &[Vec<Cell>]) -> String {
    let mut out = String::from("<div class=\"wide\"><table><thead><tr>");
    for heading in headings {
        match heading.strip_prefix('<') {
            Some(text) => out.push_str(&format!("<th class=\"text\">{}</th>", escape(text))),
            None => out.push_str(&format!("<th>{}</th>", escape(heading))),
        }
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let (text, html) = cell.html();
            let class = if text { " class=\"text\"" } else { "" };
            out.push_str(&format!("<td{class}>{html}</td>"));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// A table of names and what they are.
pub fn facts(rows: &[(String, Cell)]) -> String {
    let mut out = String::from("<div class=\"wide\"><table class=\"facts\"><tbody>\n");
    for (name, cell) in rows {
        out.push_str(&format!("<tr><th>{}</th><td>{}</td></tr>\n", escape(name), cell.html().1));
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// A picture with its caption, or why there is none.
pub fn figure(drawn: Result<String, PlotError>, caption: &str) -> Result<String, PlotError> {
    match drawn {
        Ok(svg) => Ok(framed(&svg, caption, "")),
        Err(PlotError::NothingToDraw { what }) => {
            Ok(format!("<p class=\"not\">No picture: {} ({})</p>\n", escape(caption), escape(&what)))
        }
        Err(error) => Err(error),
    }
}

/// A picture with its caption.
pub fn framed(svg: &str, caption: &str, class: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    // A reader that does not see the picture is told what it shows.
    let label = format!("<svg role=\"img\" aria-label=\"{}\" ", escape(caption));
    let svg = svg.trim().replacen("<svg ", &label, 1);
    format!("<figure{class}>{svg}<figcaption>{}</figcaption></figure>\n", escape(caption))
}

/// A paragraph.
pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

/// A remark.
pub fn note(text: &str) -> String {
    format!("<p class=\"note\">{}</p>\n", escape(text))
}

/// Why something was not run.
pub fn not_run(why: &str) -> String {
    format!("<p class=\"not\"><b>Not run:</b> {}</p>\n", escape(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_leaves_no_tag() {
        assert_eq!(escape("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    }

    #[test]
    fn numbers_are_grouped_and_bytes_have_units() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
        assert_eq!([12.0, 1500.0, 3.25e9].map(bytes), ["12 B", "1.5 kB", "3.25 GB"]);
    }
}
