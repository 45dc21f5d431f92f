package main

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func (c *controller) CreateSnapshot(ctx context.Context, req *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	release, err := c.snapshots.hold(req.GetName())
	if err != nil {
		return nil, err
	}
	defer release()
	volume, err := c.volumes.read(req.GetSourceVolumeId())
	if err != nil {
		return nil, err
	}
	if volume == nil {
		return nil, status.Errorf(codes.NotFound, "there is no volume %q", req.GetSourceVolumeId())
	}
	made, err := c.snapshots.read(req.GetName())
	if err != nil {
		return nil, err
	}
	if made == nil {
		made = &record{ID: req.GetName(), Bytes: volume.Bytes, Source: volume.ID, Created: time.Now()}
		err = c.snapshots.create(made, func(path string) error {
			return copyContent(ctx, c.volumes.content(volume.ID), path)
		})
		if err != nil {
			return nil, err
		}
	} else if made.Source != volume.ID {
		return nil, status.Errorf(codes.AlreadyExists, "%s is there, of another volume", made.ID)
	}
	return &csi.CreateSnapshotResponse{Snapshot: snapshotOf(made)}, nil
}

func (c *controller) DeleteSnapshot(_ context.Context, req *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	release, err := c.snapshots.hold(req.GetSnapshotId())
	if err != nil {
		return nil, err
	}
	defer release()
	return &csi.DeleteSnapshotResponse{}, c.snapshots.remove(req.GetSnapshotId())
}

// A token is the number of entries that were already told.
func (c *controller) ListSnapshots(_ context.Context, req *csi.ListSnapshotsRequest) (*csi.ListSnapshotsResponse, error) {
	found, err := c.snapshots.list()
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(one *record) bool {
		return (req.GetSnapshotId() != "" && one.ID != req.GetSnapshotId()) || (req.GetSourceVolumeId() != "" && one.Source != req.GetSourceVolumeId())
	})
	start, end := 0, len(found)
	if req.GetStartingToken() != "" {
		if start, err = strconv.Atoi(req.GetStartingToken()); err != nil || start < 0 || start > end {
			return nil, status.Errorf(codes.Aborted, "%q is not a token of this list", req.GetStartingToken())
		}
	}
	answer := &csi.ListSnapshotsResponse{}
	if most := int(req.GetMaxEntries()); most > 0 && start+most < end {
		end = start + most
		answer.NextToken = strconv.Itoa(end)
	}
	for _, one := range found[start:end] {
		answer.Entries = append(answer.Entries, &csi.ListSnapshotsResponse_Entry{Snapshot: snapshotOf(one)})
	}
	return answer, nil
}

func snapshotOf(one *record) *csi.Snapshot {
	return &csi.Snapshot{SnapshotId: one.ID, SourceVolumeId: one.Source, SizeBytes: one.Bytes, CreationTime: timestamppb.New(one.Created), ReadyToUse: true}
}
