// The sources of volumes, as Pods and PersistentVolumes name them (pkg/apis/core/validation). What differs between the
// two is in the table of each: volumes.cpp, persistent_volumes.cpp.
#pragma once

#include <span>
#include <string_view>

#include "kube/validation/field.h"

namespace gatepost::kube {

struct SourceRule {
  std::string_view name;  // the member that holds the source
  void (*validate)(Errors& errors, const Field& source) = nullptr;
  // Where the source's own complaints are placed, and the one of a second source; empty: at its name.
  std::string_view place = {}, second_place = {};
};

// Judges the first source found and complains of each further one; rules in the order in which the server looks.
// How many were found.
int validate_sources(Errors& errors, const Field& holder, std::span<const SourceRule> rules);

void require_text(Errors& errors, const Field& field);
// A file's place in a volume: relative, not climbing up, not hidden as ".." is.
void validate_local_path(Errors& errors, const Field& path);
void validate_file_mode(Errors& errors, const Field& mode);
void validate_key_path(Errors& errors, const Field& item);
void validate_downward_file(Errors& errors, const Field& file, const Field& place);
void validate_projected(Errors& errors, const Field& source);

void validate_host_path(Errors& errors, const Field& source);
void validate_git_repo(Errors& errors, const Field& source);
void validate_gce_disk(Errors& errors, const Field& source);
void validate_aws_disk(Errors& errors, const Field& source);
void validate_nfs(Errors& errors, const Field& source);
void validate_quobyte(Errors& errors, const Field& source);
void validate_glusterfs(Errors& errors, const Field& source);
void validate_flocker(Errors& errors, const Field& source);
void validate_fibre_channel(Errors& errors, const Field& source);
void validate_rbd(Errors& errors, const Field& source);
void validate_cinder(Errors& errors, const Field& source);
void validate_cephfs(Errors& errors, const Field& source);
void validate_flex_volume(Errors& errors, const Field& source);
void validate_azure_file(Errors& errors, const Field& source);
void validate_azure_disk(Errors& errors, const Field& source);
void validate_vsphere(Errors& errors, const Field& source);
void validate_photon(Errors& errors, const Field& source);
void validate_portworx(Errors& errors, const Field& source);
void validate_scale_io(Errors& errors, const Field& source);
void validate_storage_os(Errors& errors, const Field& source);
void validate_csi_driver_name(Errors& errors, const Field& driver);

// `wrong_start` is said of a name that starts with none of the known forms.
void validate_iscsi(Errors& errors, const Field& source, std::string_view wrong_start);
// A name and a namespace are required of a reference from a PersistentVolume.
void require_secret_namespace(Errors& errors, const Field& reference);

// "example.com/signer-name".
void validate_signer_name(Errors& errors, const Field& field, std::string_view name);
bool is_kubernetes_signer(std::string_view name);

}  // namespace gatepost::kube
