package main

import (
	"context"
	"os"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What is made where no size is asked for.
const defaultBytes = 1 << 30

type controller struct {
	csi.UnimplementedControllerServer
	volumes   *store
	snapshots *store
}

func (c *controller) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	answer := &csi.ControllerGetCapabilitiesResponse{}
	for _, able := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_CLONE_VOLUME,
		csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS,
	} {
		answer.Capabilities = append(answer.Capabilities, &csi.ControllerServiceCapability{Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: able}}})
	}
	return answer, nil
}

func (c *controller) CreateVolume(ctx context.Context, req *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if reason := unusable(req.GetVolumeCapabilities()); reason != "" {
		return nil, status.Error(codes.InvalidArgument, reason)
	}
	release, err := c.volumes.hold(req.GetName())
	if err != nil {
		return nil, err
	}
	defer release()
	from, source, err := c.contentSource(req.GetVolumeContentSource())
	if err != nil {
		return nil, err
	}
	wanted := &record{ID: req.GetName(), Created: time.Now()}
	if wanted.Bytes, err = bytesIn(req.GetCapacityRange(), defaultBytes); err != nil {
		return nil, err
	}
	if source != nil {
		wanted.Source = source.ID
		if wanted.Bytes < source.Bytes {
			return nil, status.Errorf(codes.OutOfRange, "%s holds %d bytes, and %d are asked for", source.ID, source.Bytes, wanted.Bytes)
		}
	}

	made, err := c.volumes.read(wanted.ID)
	if err != nil {
		return nil, err
	}
	if made == nil {
		made = wanted
		err = c.volumes.create(made, func(path string) error {
			if source != nil {
				return copyContent(ctx, from.content(source.ID), path)
			}
			// As the root of a new file system is: pods say by fsGroup who may write.
			return os.Mkdir(path, 0o755)
		})
		if err != nil {
			return nil, err
		}
	} else if made.Bytes != wanted.Bytes || made.Source != wanted.Source {
		return nil, status.Errorf(codes.AlreadyExists, "%s is there, with another size or another source", wanted.ID)
	}
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{VolumeId: made.ID, CapacityBytes: made.Bytes, ContentSource: req.GetVolumeContentSource()}}, nil
}

func (c *controller) DeleteVolume(_ context.Context, req *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	release, err := c.volumes.hold(req.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer release()
	return &csi.DeleteVolumeResponse{}, c.volumes.remove(req.GetVolumeId())
}

// A folder has no end, so its size is what its record says.
func (c *controller) ControllerExpandVolume(_ context.Context, req *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	release, err := c.volumes.hold(req.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer release()
	volume, err := c.volumes.read(req.GetVolumeId())
	if err != nil {
		return nil, err
	}
	if volume == nil {
		return nil, status.Errorf(codes.NotFound, "there is no volume %s", req.GetVolumeId())
	}
	bytes, err := bytesIn(req.GetCapacityRange(), volume.Bytes)
	if err != nil {
		return nil, err
	}
	volume.Bytes = max(bytes, volume.Bytes)
	if err := c.volumes.write(volume); err != nil {
		return nil, err
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: volume.Bytes}, nil
}

func (c *controller) ValidateVolumeCapabilities(_ context.Context, req *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	volume, err := c.volumes.read(req.GetVolumeId())
	if err != nil {
		return nil, err
	}
	if volume == nil {
		return nil, status.Errorf(codes.NotFound, "there is no volume %s", req.GetVolumeId())
	}
	if reason := unusable(req.GetVolumeCapabilities()); reason != "" {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: reason}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: req.GetVolumeCapabilities()}}, nil
}

// What a volume is to be copied from; nil where it begins empty.
func (c *controller) contentSource(asked *csi.VolumeContentSource) (*store, *record, error) {
	from, id := c.snapshots, asked.GetSnapshot().GetSnapshotId()
	if asked.GetVolume() != nil {
		from, id = c.volumes, asked.GetVolume().GetVolumeId()
	}
	if asked == nil {
		return nil, nil, nil
	}
	source, err := from.read(id)
	if err == nil && source == nil {
		err = status.Errorf(codes.NotFound, "there is no %q to copy from", id)
	}
	return from, source, err
}

// Why a folder is not what is asked for; empty where it is. Several nodes may write to it at once.
func unusable(asked []*csi.VolumeCapability) string {
	if len(asked) == 0 {
		return "it is not said how the volume will be used"
	}
	for _, one := range asked {
		if one.GetBlock() != nil {
			return "volumes of this driver are folders, not block devices"
		}
	}
	return ""
}

func bytesIn(asked *csi.CapacityRange, otherwise int64) (int64, error) {
	bytes, limit := asked.GetRequiredBytes(), asked.GetLimitBytes()
	if bytes == 0 {
		bytes = otherwise
	}
	if bytes < 0 || (limit != 0 && bytes > limit) {
		return 0, status.Errorf(codes.OutOfRange, "%d bytes are more than the limit of %d", bytes, limit)
	}
	return bytes, nil
}
