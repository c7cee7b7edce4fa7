// Checks a log that this project wrote with the code of Go's own checksum database: the note, the tiles, and every proof.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type export struct {
	LogKey      string `json:"log_key"`
	WitnessKey  string `json:"witness_key"`
	Inclusion   []inclusion
	Consistency []consistency
}

type inclusion struct {
	Index int64
	Leaf  []byte
	Proof [][]byte
}

type consistency struct {
	Size  int64
	Root  []byte
	Proof [][]byte
}

var dir = os.Args[1]

func main() {
	var data export
	check(json.Unmarshal(read("proofs.json"), &data))
	verifier, err := note.NewVerifier(data.LogKey)
	check(err)
	signed := read("log/checkpoint")
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	changed := bytes.Replace(signed, []byte("\n"+lines[1]+"\n"), []byte("\n7\n"), 1)
	if _, err := note.Open(changed, note.VerifierList(verifier)); err == nil {
		fail("a changed checkpoint is accepted")
	}
	cosignature(opened, data.WitnessKey)

	leaves := entries(size)
	var storage hashes
	for index, leaf := range leaves {
		more, err := tlog.StoredHashes(int64(index), leaf, storage)
		check(err)
		storage = append(storage, more...)
	}
	computed, err := tlog.TreeHash(size, storage)
	check(err)
	if computed != root {
		fail("the leaves do not give the root")
	}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{})
	for _, item := range data.Inclusion {
		proof := list(item.Proof)
		check(tlog.CheckRecord(proof, size, root, item.Index, tlog.RecordHash(item.Leaf)))
		if tlog.CheckRecord(proof, size, root, item.Index, tlog.RecordHash(append(item.Leaf, 0))) == nil {
			fail("a proof of another leaf is accepted")
		}
		ours, err := tlog.ProveRecord(size, item.Index, reader)
		check(err)
		if fmt.Sprint(ours) != fmt.Sprint(proof) || !bytes.Equal(leaves[item.Index], item.Leaf) {
			fail("the proof from our tiles is another one")
		}
	}
	for _, item := range data.Consistency {
		proof := list(item.Proof)
		check(tlog.CheckTree(tlog.TreeProof(proof), size, root, item.Size, hash(item.Root)))
		ours, err := tlog.ProveTree(size, item.Size, reader)
		check(err)
		if fmt.Sprint([]tlog.Hash(ours)) != fmt.Sprint([]tlog.Hash(proof)) {
			fail("the consistency proof from our tiles is another one")
		}
	}
	fmt.Printf("  %d leaves, %d inclusion proofs, %d consistency proofs\n", size, len(data.Inclusion), len(data.Consistency))
}

// cosignature checks the witness's signature, a format that Go's package does not know.
func cosignature(opened *note.Note, key string) {
	parts := strings.SplitN(key, "+", 3)
	public, err := base64.StdEncoding.DecodeString(parts[2])
	check(err)
	for _, signature := range opened.UnverifiedSigs {
		data, err := base64.StdEncoding.DecodeString(signature.Base64)
		check(err)
		if signature.Name != parts[0] || public[0] != 4 {
			continue
		}
		time := binary.BigEndian.Uint64(data[4:12])
		message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, opened.Text)
		if !ed25519.Verify(ed25519.PublicKey(public[1:]), []byte(message), data[12:]) {
			fail("the cosignature is not valid")
		}
		return
	}
	fail("there is no cosignature")
}

// entries reads all bundles.
func entries(size int64) [][]byte {
	var leaves [][]byte
	for number := int64(0); number*256 < size; number++ {
		bundle := read("log/tile/entries/" + place(number, min(256, size-number*256)))
		for len(bundle) > 0 {
			length := binary.BigEndian.Uint16(bundle)
			leaves = append(leaves, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	return leaves
}

// tiles reads tiles from the paths of C2SP tlog-tiles.
type tiles struct{}

func (tiles) Height() int { return 8 }

func (tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := fmt.Sprintf("log/tile/%d/%s", tile.L, place(tile.N, int64(tile.W)))
		found = append(found, read(path))
	}
	return found, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

type hashes []tlog.Hash

func (storage hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(storage)) {
			return nil, errors.New("no such hash")
		}
		found = append(found, storage[index])
	}
	return found, nil
}

func place(number, width int64) string {
	path := fmt.Sprintf("%03d", number%1000)
	for number /= 1000; number > 0; number /= 1000 {
		path = fmt.Sprintf("x%03d/%s", number%1000, path)
	}
	if width < 256 {
		path = fmt.Sprintf("%s.p/%d", path, width)
	}
	return path
}

func list(proof [][]byte) tlog.RecordProof {
	var found tlog.RecordProof
	for _, item := range proof {
		found = append(found, hash(item))
	}
	return found
}

func hash(data []byte) (found tlog.Hash) {
	copy(found[:], data)
	return found
}

func read(path string) []byte {
	data, err := os.ReadFile(filepath.Join(dir, path))
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(reason string) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(1)
}
