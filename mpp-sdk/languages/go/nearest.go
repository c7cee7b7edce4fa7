package mpp

import "strings"

// nearest returns the name that a word was probably meant to be; an empty text if none is near enough.
func nearest(word string, names []string) string {
	wanted, best, found := folded(word), -1, ""
	for _, name := range names {
		other := folded(name)
		longest := max(len(wanted), len(other))
		if longest > 128 {
			continue
		}
		d := distance(wanted, other)
		if d <= (longest+2)/3 && d < len(other) && (best < 0 || d < best) {
			best, found = d, name
		}
	}
	return found
}

func folded(word string) []rune {
	return []rune(strings.ReplaceAll(strings.ToLower(word), "-", "_"))
}

// distance returns by how many characters two words differ; neighbours that are swapped count once.
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
