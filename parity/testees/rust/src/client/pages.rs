//! Listings by limit and offset.

use super::error::Error;

/// Items up to a limit (0: all), asked for in batches, and how many there are in all. `fetch` takes limit and offset.
pub fn collect<T>(
    mut fetch: impl FnMut(usize, usize) -> Result<(Vec<T>, usize), Error>,
    limit: usize,
    batch: usize,
) -> Result<(Vec<T>, usize), Error> {
    let (mut items, total) = fetch(if limit > 0 { batch.min(limit) } else { batch }, 0)?;
    let wanted = if limit > 0 { limit.min(total) } else { total };
    while items.len() < wanted {
        let asked = batch.min(wanted - items.len());
        let (page, _) = fetch(asked, items.len())?;
        let short = page.len() < asked;
        items.extend(page);
        if short {
            break;
        }
    }
    Ok((items, total))
}
