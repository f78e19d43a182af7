//! Alerts: raised by verbs in their own transaction, counted while they go on, acknowledged by people.

use chimera_domain::{Span, ids::AlertId, views::Severity};
use rusqlite::params;

use super::db::{AuditLine, Db, Verb};

/// An alert that was quiet for so long and comes back is not the one that was acknowledged.
const QUIET: Span = Span::from_hours(1);

impl Db<'_> {
    /// Raises an alert, or counts an open one up. One that was acknowledged stays so while it goes
    /// on; when it comes back after a quiet while it is news.
    pub(crate) fn alert(
        &self,
        severity: Severity,
        code: &str,
        subject: &str,
        text: &str,
    ) -> Verb<()> {
        self.exec_one(
            "INSERT INTO alerts (alert_id, severity, code, subject, text, count, at)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)
             ON CONFLICT (code, subject) WHERE closed_at IS NULL DO UPDATE SET
               severity = excluded.severity, text = excluded.text, at = excluded.at, count = count + 1,
               acknowledged_at = CASE WHEN excluded.at - at > ?7 THEN NULL ELSE acknowledged_at END",
            params![
                AlertId::from_uuid(self.ambient.fresh()).as_bytes(),
                severity.as_str(),
                code,
                subject,
                text,
                self.now.micros(),
                i64::try_from(QUIET.micros()).unwrap_or(i64::MAX),
            ],
        )
    }

    /// What an alert warned of is over.
    pub(crate) fn close_alert(&self, code: &str, subject: &str) -> Verb<()> {
        self.exec(
            "UPDATE alerts SET closed_at = ?3 WHERE code = ?1 AND subject = ?2 AND closed_at IS NULL",
            params![code, subject, self.now.micros()],
        )
        .map(|_| ())
    }

    /// What any of these alerts warned of is over.
    pub(crate) fn close_alerts<const N: usize>(
        &self,
        code: &str,
        subjects: &[String; N],
    ) -> Verb<()> {
        // Almost always none is open: one look tells.
        let open = self.number(
            "SELECT EXISTS (SELECT 1 FROM alerts WHERE code = ?1 AND closed_at IS NULL)",
            [code],
        )?;
        if open == 1 {
            for subject in subjects {
                self.close_alert(code, subject)?;
            }
        }
        Ok(())
    }

    /// A person has read it. `false` when no open alert has this id.
    pub(crate) fn acknowledge_alert(&self, alert: AlertId, actor: &str) -> Verb<bool> {
        let changed = self.exec(
            "UPDATE alerts SET acknowledged_at = ?2
             WHERE alert_id = ?1 AND closed_at IS NULL AND acknowledged_at IS NULL",
            params![alert.as_bytes(), self.now.micros()],
        )?;
        if changed == 0 {
            let open = "SELECT count(*) FROM alerts WHERE alert_id = ?1 AND closed_at IS NULL";
            return Ok(self.number(open, [alert.as_bytes()])? > 0);
        }
        self.audit(&AuditLine {
            actor,
            subject: alert.to_string(),
            verb: "acknowledge_alert",
            from: "open",
            to: "acknowledged",
            ..AuditLine::default()
        })?;
        Ok(true)
    }
}
