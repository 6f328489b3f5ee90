// Command verify checks a Waybill proof bundle with Go's public packages for
// signed notes and transparency logs, and with nothing of Waybill's own.
//
// Usage: verify [-key verifier-key] [-origin name] bundle.json
//
// It prints one line that begins with "ok" and exits with 0, or says on standard
// error what does not hold and exits with 1. The file is described in ../README.md.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type bundle struct {
	VerifierKey string        `json:"verifierKey"`
	Checkpoint  string        `json:"checkpoint"`
	Leaves      [][]byte      `json:"leaves"`
	Inclusion   []inclusion   `json:"inclusion"`
	Consistency []consistency `json:"consistency"`
}

type inclusion struct {
	Index int64       `json:"index"`
	Leaf  []byte      `json:"leaf"`
	Proof []tlog.Hash `json:"proof"`
}

type consistency struct {
	OldCheckpoint string      `json:"oldCheckpoint"`
	Proof         []tlog.Hash `json:"proof"`
}

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

func main() {
	key := flag.String("key", "", "verifier key that the checkpoint must be signed with (default: the one in the bundle, which proves nothing about who signed)")
	origin := flag.String("origin", "", "origin that the checkpoint must have (default: any)")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	summary, err := verify(flag.Arg(0), *key, *origin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAILED:", err)
		os.Exit(1)
	}
	fmt.Println("ok", summary)
}

func verify(path, key, origin string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var b bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return "", fmt.Errorf("bundle: %w", err)
	}
	if key == "" {
		key = b.VerifierKey
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return "", fmt.Errorf("verifier key: %w", err)
	}
	head, err := openCheckpoint(b.Checkpoint, verifier)
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	if origin != "" && head.origin != origin {
		return "", fmt.Errorf("checkpoint: the origin is %q, not %q", head.origin, origin)
	}
	if len(b.Leaves) > 0 || head.size == 0 {
		if err := checkLeaves(b.Leaves, head); err != nil {
			return "", err
		}
	}
	for _, p := range b.Inclusion {
		if err := tlog.CheckRecord(p.Proof, head.size, head.root, p.Index, tlog.RecordHash(p.Leaf)); err != nil {
			return "", fmt.Errorf("inclusion of leaf %d: %w", p.Index, err)
		}
	}
	for _, p := range b.Consistency {
		if err := checkConsistency(p, head, verifier); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("origin=%s size=%d root=%s leaves=%d inclusion=%d consistency=%d",
		head.origin, head.size, head.root, len(b.Leaves), len(b.Inclusion), len(b.Consistency)), nil
}

// openCheckpoint verifies the signed note and parses its text (C2SP tlog-checkpoint, "Note text").
func openCheckpoint(text string, verifier note.Verifier) (checkpoint, error) {
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
	if len(lines) < 3 {
		return checkpoint{}, errors.New("fewer than three lines")
	}
	for _, line := range lines {
		if line == "" {
			return checkpoint{}, errors.New("an empty line")
		}
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, errors.New("malformed tree size")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return checkpoint{}, err
	}
	return checkpoint{origin: lines[0], size: size, root: root}, nil
}

// checkLeaves computes the tree again from all of its leaves.
func checkLeaves(leaves [][]byte, head checkpoint) error {
	if int64(len(leaves)) != head.size {
		return fmt.Errorf("%d leaves are not the %d of the checkpoint", len(leaves), head.size)
	}
	root, err := treeHash(leaves)
	if err != nil {
		return fmt.Errorf("tree hash: %w", err)
	}
	if root != head.root {
		return fmt.Errorf("tree hash: the leaves lead to %s, the checkpoint has %s", root, head.root)
	}
	return nil
}

func treeHash(leaves [][]byte) (tlog.Hash, error) {
	if len(leaves) == 0 {
		// tlog defines the empty tree as zeros; RFC 6962 section 2.1 as the hash of nothing.
		return sha256.Sum256(nil), nil
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for i, leaf := range leaves {
		hashes, err := tlog.StoredHashes(int64(i), leaf, reader)
		if err != nil {
			return tlog.Hash{}, err
		}
		stored = append(stored, hashes...)
	}
	return tlog.TreeHash(int64(len(leaves)), reader)
}

func checkConsistency(p consistency, head checkpoint, verifier note.Verifier) error {
	old, err := openCheckpoint(p.OldCheckpoint, verifier)
	if err != nil {
		return fmt.Errorf("old checkpoint: %w", err)
	}
	if old.origin != head.origin {
		return fmt.Errorf("old checkpoint: the origin is %q, not %q", old.origin, head.origin)
	}
	if old.size == 0 {
		// tlog.CheckTree begins at size 1; every tree extends the empty one.
		if old.root != sha256.Sum256(nil) || len(p.Proof) != 0 {
			return errors.New("consistency with size 0: wrong root, or a proof where none is needed")
		}
		return nil
	}
	if err := tlog.CheckTree(p.Proof, head.size, head.root, old.size, old.root); err != nil {
		return fmt.Errorf("consistency with size %d: %w", old.size, err)
	}
	return nil
}
