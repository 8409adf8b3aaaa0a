package client

// Collect reads a listing up to limit items (0: all), in pages of at most batch; it gives them and how many there are in all.
// Fetch is given limit and offset.
func Collect[T any](fetch func(limit, offset int) (items []T, total int, err error), limit, batch int) ([]T, int, error) {
	asked := batch
	if limit > 0 {
		asked = min(batch, limit)
	}
	items, total, err := fetch(asked, 0)
	if err != nil {
		return nil, 0, err
	}
	wanted := total
	if limit > 0 {
		wanted = min(limit, total)
	}
	for len(items) < wanted {
		asked = min(batch, wanted-len(items))
		page, _, err := fetch(asked, len(items))
		if err != nil {
			return nil, 0, err
		}
		items = append(items, page...)
		if len(page) < asked {
			break
		}
	}
	return items, total, nil
}
