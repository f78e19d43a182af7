//! Bounded cursors. The SDK follows a cursor for ever; a hostile or broken server never stops giving one.

use std::collections::HashSet;

use rmcp::model::PaginatedRequestParams;

use crate::call::Failure;

/// The most pages of one listing.
pub(crate) const PAGES_MAX: usize = 100;
/// The most items of one listing.
pub(crate) const ITEMS_MAX: usize = 2_000;

/// One page: its items and the cursor of the next one. An empty cursor is a cursor.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

/// What asks for a page.
pub(crate) fn request(cursor: Option<String>) -> Option<PaginatedRequestParams> {
    cursor.map(|cursor| PaginatedRequestParams::default().with_cursor(Some(cursor)))
}

/// Every item of a listing, page by page.
pub(crate) async fn all<T, F>(mut page: impl FnMut(Option<String>) -> F) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<Page<T>, Failure>>,
{
    let mut items = Vec::new();
    let mut cursors = HashSet::new();
    let mut cursor = None;
    for _ in 0..PAGES_MAX {
        let (more, next) = page(cursor).await?;
        items.extend(more);
        if items.len() > ITEMS_MAX {
            return Err(Failure::Contract(format!(
                "it lists more than {ITEMS_MAX} items"
            )));
        }
        let Some(next) = next else { return Ok(items) };
        if !cursors.insert(next.clone()) {
            return Err(Failure::Contract(
                "it gave the same cursor twice, so its listing has no end".into(),
            ));
        }
        cursor = Some(next);
    }
    Err(Failure::Contract(format!(
        "it lists more than {PAGES_MAX} pages"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(next: impl Fn(usize) -> (usize, Option<String>), expected: Result<usize, &str>) {
        let mut pages = 0;
        let listed = all(|_cursor| {
            let (items, cursor) = next(pages);
            pages += 1;
            std::future::ready(Ok((vec![(); items], cursor)))
        })
        .await;
        let listed = listed.map(|items| items.len());
        assert_eq!(
            listed,
            expected.map_err(|why| Failure::Contract(why.to_owned()))
        );
    }

    // R41: a listing ends: by itself, or at a limit with a reason.
    #[tokio::test]
    async fn r41_a_listing_has_an_end() {
        let numbered = |n: usize| Some(n.to_string());
        check(|_| (3, None), Ok(3)).await;
        check(|n| (1, (n == 0).then(String::new)), Ok(2)).await;
        check(|n| (1, (n < 99).then(|| n.to_string())), Ok(100)).await;
        check(|n| (1, numbered(n)), Err("it lists more than 100 pages")).await;
        check(|n| (21, numbered(n)), Err("it lists more than 2000 items")).await;
        check(
            |n| (1, numbered(n % 2)),
            Err("it gave the same cursor twice, so its listing has no end"),
        )
        .await;
    }
}
