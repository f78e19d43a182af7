//! What another threshold of relevance would have planned in the last hours: a slider over the scores there were, how much
//! more or less, what lies closest on both sides, and where it is changed. The sheet itself changes nothing.

use chimera_domain::{
    Safe, Score,
    views::{Near, SettledBy, Tried, Weighing},
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    parts::{gap, labelled, unreadable},
    spark,
};
use crate::{
    keymap::{Action, Context},
    model::{
        Model,
        hindsight::{Hindsight, Slider},
    },
    text::wrap,
    theme::Theme,
};

/// What stands beside the slider.
const BESIDE: usize = 14;

pub(crate) fn lines(model: &Model, shown: &Hindsight, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    match &shown.read {
        None => lines.push(Line::styled(" Reading…", theme.quiet())),
        Some(Err(why)) => lines.extend(unreadable(theme, why, columns)),
        Some(Ok(slider)) => {
            rail(theme, slider, columns, &mut lines);
            told(theme, slider, columns, &mut lines);
            change(theme, slider, columns, &mut lines);
            campaigns(model, slider, columns, &mut lines);
        }
    }
    let keys = &model.settings.keys;
    let key = |action| {
        keys.key_of(&[Context::Slider], action)
            .unwrap_or_default()
            .to_owned()
    };
    let foot = format!(
        " {} and {} move the threshold, {} and {} scroll, {} closes",
        key(Action::Lower),
        key(Action::Raise),
        key(Action::Down),
        key(Action::Up),
        key(Action::Back)
    );
    lines.push(Line::styled(foot, theme.quiet()));
    lines
}

/// How the scores lie, and under them where the slider stands.
fn rail(theme: Theme, slider: &Slider, columns: usize, lines: &mut Vec<Line<'static>>) {
    let wide = columns.saturating_sub(BESIDE).clamp(8, 101);
    let place = |score: Score| {
        let last = u64::try_from(wide - 1).unwrap_or(0);
        usize::try_from(u64::from(score.ppm()) * last / u64::from(Score::ONE.ppm())).unwrap_or(0)
    };
    let mut counts = vec![0_u64; wide];
    for row in &slider.weighing.rows {
        if row.settled == SettledBy::Score
            && let Some(count) = counts.get_mut(place(row.score))
        {
            *count += 1;
        }
    }
    lines.push(Line::from(vec![
        Span::styled(" scores    ", theme.quiet()),
        Span::styled(spark::line(theme, &counts, wide), theme.text()),
    ]));
    let marks = theme.marks();
    let (at, now) = (place(slider.trial.at), slider.weighing.in_force.map(place));
    let mut spans = vec![Span::styled(" 0         ", theme.quiet())];
    spans.extend((0..wide).map(|i| {
        if i == at {
            Span::styled(marks.full, theme.key())
        } else if Some(i) == now {
            Span::styled(marks.cross, theme.text())
        } else {
            Span::styled(marks.horizontal, theme.quiet())
        }
    }));
    spans.push(Span::styled(" 1", theme.quiet()));
    lines.push(Line::from(spans));
}

fn told(theme: Theme, slider: &Slider, columns: usize, lines: &mut Vec<Line<'static>>) {
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, lines);
    };
    let (weighing, trial) = (&slider.weighing, &slider.trial);
    let text = weighing.in_force.map_or_else(
        || "no policy is installed yet".into(),
        |now| now.to_string(),
    );
    add("in force", &text, theme.text());
    let text = format!(
        "at {} you would have planned {} in the last 24 h, before the caps",
        trial.at,
        trial.told()
    );
    add("tried", &text, theme.strong());
    let doubts = doubts(weighing);
    for (i, text) in doubts.into_iter().enumerate() {
        let label = if i == 0 { "but" } else { "" };
        add(label, &text, theme.warning());
    }
}

/// What the figures leave out.
fn doubts(weighing: &Weighing) -> Vec<String> {
    let mut doubts = Vec::new();
    if weighing.rows.is_empty() {
        doubts.push("no signal was scored in that time, so this says nothing".to_owned());
    }
    if weighing.is_cut {
        let n = weighing.rows.len();
        doubts.push(format!("only the first {n} signals were looked at"));
    }
    if weighing.untold > 0 {
        let n = weighing.untold;
        doubts.push(format!(
            "{n} do not say by what they were decided, and are left out"
        ));
    }
    doubts
}

fn campaigns(model: &Model, slider: &Slider, columns: usize, lines: &mut Vec<Line<'static>>) {
    let theme = model.theme;
    let at = slider.trial.at;
    let overview = model.overview.as_ref();
    for (id, tried) in &slider.trial.campaigns {
        let known = overview.and_then(|o| o.campaigns.iter().find(|c| c.id == *id));
        let name = known.map_or_else(|| Safe::line(&id.to_string()), |c| c.name.clone());
        let Tried {
            persona,
            scored,
            planned,
            then,
            above,
            below,
        } = tried;
        let head =
            format!("{name} ({persona}): {scored} scored, {planned} planned, {then} at {at}");
        for text in wrap(&head, columns.saturating_sub(1)) {
            lines.push(Line::from(vec![gap(1), Span::styled(text, theme.text())]));
        }
        near(theme, "in", above, theme.text(), columns, lines);
        near(theme, "out", below, theme.quiet(), columns, lines);
    }
}

fn near(
    theme: Theme,
    side: &str,
    near: &[Near],
    style: Style,
    columns: usize,
    lines: &mut Vec<Line<'static>>,
) {
    for one in near {
        let text = format!("   {side:<3} {}  {}", one.score, one.title);
        let text = crate::text::cut(&text, columns, theme.marks().cut);
        lines.push(Line::styled(text, style));
    }
}

fn change(theme: Theme, slider: &Slider, columns: usize, lines: &mut Vec<Line<'static>>) {
    let at = slider.trial.at;
    let text = if slider.weighing.in_force == Some(at) {
        "this is in force, as `relevance:` under `thresholds:` in budget.yaml says".to_owned()
    } else {
        format!(
            "nothing is saved here: write `relevance: {at}` under `thresholds:` in budget.yaml and start again"
        )
    };
    labelled(theme, "to set it", &text, theme.quiet(), columns, lines);
}
