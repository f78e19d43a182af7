//! The lines around the panes: tabs, status and footer. The footer is made from the key table.

use chimera_domain::views::Severity;
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};

use super::put;
use crate::{
    keymap::{Action, Bound, Context},
    layout::Class,
    model::{Model, Pane},
    text::{cut, width},
};

/// The screens around the one that is looked at, as many as there is room for.
pub(super) fn tabs(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = model.theme;
    let labels: Vec<String> = Pane::ALL
        .iter()
        .map(|pane| tab(model, *pane, area.width))
        .collect();
    let wide: Vec<usize> = labels.iter().map(|label| width(label)).collect();
    let here = Pane::ALL.iter().position(|pane| *pane == model.focus.pane);
    // On either side one column for the sign that there are more.
    let shown = around(
        &wide,
        here.unwrap_or(0),
        usize::from(area.width).saturating_sub(2),
    );
    let more =
        |there: bool| Span::styled(if there { theme.marks().cut } else { " " }, theme.quiet());
    let mut spans = vec![more(shown.start > 0)];
    for (pane, label) in Pane::ALL
        .iter()
        .zip(&labels)
        .take(shown.end)
        .skip(shown.start)
    {
        let style = if *pane == model.focus.pane {
            theme.title(true)
        } else {
            theme.quiet()
        };
        spans.push(Span::styled(label.clone(), style));
    }
    spans.push(more(shown.end < labels.len()));
    put(frame, area, 0, &Line::from(spans));
}

/// Its first key, its name, and on the review how many wait. On a narrow screen the key alone.
fn tab(model: &Model, pane: Pane, columns: u16) -> String {
    let keys = &model.settings.keys;
    let key = keys.key_of(model.pane_contexts(), Action::Go(pane));
    let key = key.unwrap_or_default().replace(' ', "");
    let here = pane == model.focus.pane;
    if !here && columns < 80 {
        return format!(" {key} ");
    }
    let mut name = pane.name().to_owned();
    if here {
        name = name.to_uppercase();
    }
    let waiting = model.overview.as_ref().map_or(0, |o| o.tickets_waiting);
    if pane == Pane::Review && waiting > 0 {
        name += &format!(" {waiting}");
    }
    let colon = if key.is_empty() { "" } else { ":" };
    format!(" {key}{colon}{name} ")
}

/// Which of these fit, with that one among them: from the start when it is among the first, else around it.
fn around(wide: &[usize], here: usize, room: usize) -> std::ops::Range<usize> {
    let sum = |range: std::ops::Range<usize>| wide[range].iter().sum::<usize>();
    let mut end = (0..=wide.len())
        .rev()
        .find(|end| sum(0..*end) <= room)
        .unwrap_or(0);
    if here < end {
        return 0..end;
    }
    let mut start = here;
    end = here + 1;
    loop {
        let before = start > 0 && sum(start - 1..end) <= room;
        start -= usize::from(before);
        let after = end < wide.len() && sum(start..end + 1) <= room;
        end += usize::from(after);
        if !before && !after {
            return start..end;
        }
    }
}

pub(super) fn status(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = model.theme;
    let all = usize::from(area.width);
    let mut left = vec![
        Span::raw(" "),
        Span::styled(model.mode(), theme.key()),
        Span::raw("  "),
    ];
    if let Some(edit) = &model.filter {
        left.push(Span::styled(
            format!("{} /{}", edit.pane.name(), edit.typed.text()),
            theme.text(),
        ));
        left.push(Span::styled(" ", theme.selected()));
        left.push(Span::raw("  "));
        if edit.typed.text().is_empty() {
            let hint = "words  field:value  -not  a OR b  ~fuzzy  ";
            left.push(Span::styled(hint, theme.quiet()));
        }
    }
    if let Some(marked) = model.list(model.focus.pane).marked().says() {
        // Where there is little room the number must do.
        let short = all < 80;
        let text = if short {
            marked.split(" (").next()
        } else {
            None
        };
        left.push(Span::styled(
            text.unwrap_or(&marked).to_owned(),
            theme.strong(),
        ));
        left.push(Span::raw("  "));
    }
    if !model.pending.is_empty() {
        let keys: Vec<_> = model.pending.iter().map(ToString::to_string).collect();
        left.push(Span::styled(format!("{} …  ", keys.join(" ")), theme.key()));
    }
    let right = right_side(model);
    let right_width: usize = right.iter().map(|s| width(&s.content)).sum();
    let used: usize = left.iter().map(|s| width(&s.content)).sum();
    let room = all.saturating_sub(used + right_width + 1);
    if let Some(message) = model.messages.current() {
        let (word, style) = match message.severity {
            Severity::Info => ("info", theme.good()),
            Severity::Warning => ("warning", theme.warning()),
            Severity::Error => ("error", theme.danger()),
        };
        left.push(Span::styled(cut(word, room, ""), style));
        let room = room.saturating_sub(word.len() + 1);
        let text = cut(message.text.as_str(), room, theme.marks().cut);
        left.push(Span::styled(format!(" {text}"), theme.text()));
    }
    let used: usize = left.iter().map(|s| width(&s.content)).sum();
    left.push(Span::raw(
        " ".repeat(all.saturating_sub(used + right_width)),
    ));
    left.extend(right);
    put(frame, area, 0, &Line::from(left));
}

fn right_side(model: &Model) -> Vec<Span<'static>> {
    let theme = model.theme;
    let mut right = Vec::new();
    let errors = model.messages.errors_unseen();
    if errors > 1 {
        right.push(Span::styled(format!(" {errors} errors"), theme.danger()));
    }
    let held = model.undoable();
    if let Some(first) = held.first() {
        let left = model.until(first.until);
        let undo = model.settings.keys.key_of(&[Context::Review], Action::Undo);
        let undo = undo.unwrap_or(":undo");
        let text = match held.len() {
            1 => format!(" held {left} {undo} undo"),
            n => format!(" held {n}, first {left} {undo} undo"),
        };
        right.push(Span::styled(text, theme.warning()));
    }
    let (word, style) = match model.stale_since {
        None if model.overview.is_some() => ("LIVE".to_owned(), theme.good()),
        None => ("READING".to_owned(), theme.quiet()),
        Some(since) => (format!("STALE {}", model.age(since)), theme.danger()),
    };
    right.push(Span::styled(format!("  {word} "), style));
    right
}

/// What the footer shows, most useful first, each with its first key; what has none is not shown.
fn footed(model: &Model) -> Vec<(&str, &Bound)> {
    let active = model.settings.keys.active(model.contexts());
    let mut keys: Vec<_> = active
        .filter(|bound| bound.footer > 0)
        .filter_map(|bound| Some((bound.key()?, bound)))
        .collect();
    keys.sort_by_key(|(_, b)| (b.footer, b.context != Context::Review));
    keys
}

/// The keys of the focused context that fit, most useful first.
pub(super) fn footer(model: &Model, class: Class, area: Rect, frame: &mut Frame<'_>) {
    if class == Class::Tiny {
        tiny_footer(model, area, frame);
        return;
    }
    let theme = model.theme;
    let keys = footed(model);
    let most = if class == Class::Narrow {
        3
    } else {
        usize::MAX
    };
    // What leads to everything else stands at the right, and is never crowded out.
    let leads: &[Action] = if class == Class::Narrow {
        &[Action::Help]
    } else {
        &[Action::Command, Action::Help]
    };
    let find = |action: &Action| keys.iter().find(|(_, b)| b.action == *action).copied();
    let tail: Vec<(&str, &Bound)> = leads.iter().filter_map(find).collect();
    let wide = |(key, bound): &(&str, &Bound)| width(key) + width(bound.word) + 3;
    let reserve: usize = tail.iter().map(wide).sum();
    let mut room = usize::from(area.width).saturating_sub(reserve);
    let mut spans = vec![Span::raw(" ")];
    for (key, binding) in keys
        .iter()
        .filter(|(_, b)| !matches!(b.action, Action::Help | Action::Command))
        .take(most)
    {
        let wide = wide(&(key, binding));
        if wide >= room {
            break;
        }
        room -= wide;
        spans.push(Span::styled((*key).to_owned(), theme.key()));
        spans.push(Span::styled(format!(" {}  ", binding.word), theme.quiet()));
    }
    if !tail.is_empty() {
        spans.push(Span::raw(" ".repeat(room.saturating_sub(1))));
    }
    for (key, binding) in tail {
        spans.push(Span::styled(format!("  {key}"), theme.key()));
        spans.push(Span::styled(format!(" {}", binding.word), theme.quiet()));
    }
    put(frame, area, 0, &Line::from(spans));
}

/// What was just said, as there is no status line; else the bare keys.
fn tiny_footer(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = model.theme;
    let line = match model.messages.current() {
        Some(message) => {
            let cut = cut(
                message.text.as_str(),
                usize::from(area.width),
                theme.marks().cut,
            );
            Line::styled(cut, theme.warning())
        }
        None => {
            let mut keys = String::new();
            for (key, _) in footed(model) {
                // Half a key would be another one.
                if width(&keys) + width(key) < usize::from(area.width) {
                    keys.push(' ');
                    keys.push_str(key);
                }
            }
            Line::styled(keys, theme.key())
        }
    };
    put(frame, area, 0, &line);
}

#[cfg(test)]
mod tests {
    use super::*;

    // R136: the screen that is looked at has its tab in sight at any width, and all have where there is room.
    #[test]
    fn r136_the_tab_of_this_screen_is_in_sight() {
        let wide = [8, 5, 9, 8, 8, 11, 11, 7];
        for room in 0..80 {
            for here in 0..wide.len() {
                let shown = around(&wide, here, room);
                assert!(shown.contains(&here), "{here} in {room}");
                let used: usize = wide[shown.clone()].iter().sum();
                assert!(used <= room || shown.len() == 1, "{here} in {room}");
            }
        }
        assert_eq!(around(&wide, 7, 67), 0..8);
        assert_eq!(around(&wide, 0, 22), 0..3);
        assert_eq!(around(&wide, 7, 20), 6..8);
    }
}
