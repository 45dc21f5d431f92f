package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What is known of a volume or a snapshot.
type record struct {
	ID    string
	Bytes int64
	// The volume that a snapshot was taken of; of a volume: the snapshot or the volume that it was copied from.
	Source  string
	Created time.Time
}

// A folder with one folder for each volume (or snapshot), and its record beside it. What has no record is not there: it is
// written last, and what a process that was killed has left is made anew.
type store struct {
	folder string
	// IDs that something is being done to.
	busy sync.Map
}

// IDs are the names that the controllers ask for, which makes all calls repeatable. They become names of files.
var validID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,127}$`)

func newStore(folder string) (*store, error) {
	return &store{folder: folder}, os.MkdirAll(folder, 0o755)
}

// Where the content is.
func (s *store) content(id string) string {
	return filepath.Join(s.folder, id)
}

// Keep others from what has this ID. Answers what lets them again.
func (s *store) hold(id string) (func(), error) {
	if !validID.MatchString(id) {
		return nil, status.Errorf(codes.InvalidArgument, "%q is not an ID or a name that this driver can take", id)
	}
	if _, isBusy := s.busy.LoadOrStore(id, true); isBusy {
		return nil, status.Errorf(codes.Aborted, "something is already being done to %s", id)
	}
	return func() { s.busy.Delete(id) }, nil
}

// The record; nil where there is none.
func (s *store) read(id string) (*record, error) {
	if !validID.MatchString(id) {
		return nil, nil
	}
	text, err := os.ReadFile(s.recordPath(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := &record{}
	return found, json.Unmarshal(text, found)
}

func (s *store) list() ([]*record, error) {
	paths, err := filepath.Glob(s.recordPath("*"))
	if err != nil {
		return nil, err
	}
	found := []*record{}
	for _, path := range paths {
		one, err := s.read(strings.TrimSuffix(filepath.Base(path), recordSuffix))
		if err != nil {
			return nil, err
		}
		// It may have been removed meanwhile.
		if one != nil {
			found = append(found, one)
		}
	}
	return found, nil
}

// Make the content as `fill` does, given the path of a folder that is not there yet, and then write the record.
func (s *store) create(made *record, fill func(path string) error) error {
	path := s.content(made.ID)
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	if err := fill(path); err != nil {
		return errors.Join(err, os.RemoveAll(path))
	}
	return s.write(made)
}

func (s *store) write(changed *record) error {
	text, err := json.Marshal(changed)
	if err != nil {
		return err
	}
	path := s.recordPath(changed.ID)
	if err := os.WriteFile(path+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// The record goes last: until then the call is repeated.
func (s *store) remove(id string) error {
	if err := os.RemoveAll(s.content(id)); err != nil {
		return err
	}
	if err := os.Remove(s.recordPath(id)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

const recordSuffix = ".json"

func (s *store) recordPath(id string) string {
	return filepath.Join(s.folder, id+recordSuffix)
}
