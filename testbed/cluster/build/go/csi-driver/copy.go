package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Copy a folder that somebody may be writing to, one file after the other, with owners, modes, and times. On file systems that can share
// what is the same (XFS, Btrfs) the kernel does.
//
// This is no picture of one moment, as a snapshot of real storage is. PostgreSQL makes do with it between pg_backup_start and
// pg_backup_stop, if two things hold. A file that vanishes meanwhile is no error. And what says up to where WAL must be replayed
// is younger than the data, and WAL younger than that: on a standby it is in pg_control.
func copyContent(ctx context.Context, from, to string) error {
	files, folders, err := contentOf(from)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if err := os.Mkdir(filepath.Join(to, folder.path), 0o700); err != nil {
			return err
		}
	}
	slices.SortStableFunc(files, func(a, b entry) int { return turn(a.path) - turn(b.path) })
	for _, file := range files {
		if err := errors.Join(ctx.Err(), unlessVanished(copyFile(filepath.Join(from, file.path), filepath.Join(to, file.path), file.about))); err != nil {
			return err
		}
	}
	// From within to without, once nothing is written to them anymore.
	for _, folder := range slices.Backward(folders) {
		if err := setAttributes(filepath.Join(to, folder.path), folder.about); err != nil {
			return err
		}
	}
	return nil
}

// Something in a folder, by its path from there.
type entry struct {
	path  string
	about fs.FileInfo
}

// Folders come before what is in them.
func contentOf(root string) (files, folders []entry, err error) {
	err = filepath.WalkDir(root, func(path string, found fs.DirEntry, err error) error {
		if err != nil {
			if path == root {
				return err
			}
			return unlessVanished(err)
		}
		about, err := found.Info()
		if err != nil {
			return unlessVanished(err)
		}
		relative, err := filepath.Rel(root, path)
		if found.IsDir() {
			folders = append(folders, entry{relative, about})
		} else {
			files = append(files, entry{relative, about})
		}
		return err
	})
	return files, folders, err
}

func turn(file string) int {
	switch {
	case slices.Contains(strings.Split(filepath.Dir(file), "/"), "pg_wal"):
		return 2
	case filepath.Base(file) == "pg_control":
		return 1
	default:
		return 0
	}
}

func copyFile(from, to string, about fs.FileInfo) error {
	switch about.Mode().Type() {
	case 0:
		if err := copyBytes(from, to); err != nil {
			return err
		}
	case fs.ModeSymlink:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		if err := os.Symlink(target, to); err != nil {
			return err
		}
	default:
		// Sockets and pipes are nothing without their processes.
		return nil
	}
	return setAttributes(to, about)
}

func copyBytes(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

func setAttributes(path string, about fs.FileInfo) error {
	owner := about.Sys().(*syscall.Stat_t) // Linux
	if err := os.Lchown(path, int(owner.Uid), int(owner.Gid)); err != nil {
		return err
	}
	if about.Mode().Type() == fs.ModeSymlink {
		return nil
	}
	// After the owner: changing that takes away set-group-ID, which is how pods' groups are passed on to new files.
	return errors.Join(os.Chmod(path, about.Mode()), os.Chtimes(path, about.ModTime(), about.ModTime()))
}

func unlessVanished(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
