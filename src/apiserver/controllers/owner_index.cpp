#include "apiserver/controllers/owner_index.h"

#include <algorithm>

namespace gatepost::apiserver {

std::vector<OwnerReference> owners_of(const json::Value& object) {
  std::vector<OwnerReference> owners;
  const json::Array* list = json::array_at(object, {"metadata", "ownerReferences"});
  if (!list) return owners;
  for (const json::Value& item : *list) {
    OwnerReference owner;
    owner.api_version = json::string_at(item, {"apiVersion"});
    owner.kind = json::string_at(item, {"kind"});
    owner.name = json::string_at(item, {"name"});
    owner.uid = json::string_at(item, {"uid"});
    const json::Value* blocks = json::find(item, "blockOwnerDeletion");
    owner.blocks_deletion = blocks && blocks->is_bool() && blocks->get_bool();
    owners.push_back(std::move(owner));
  }
  return owners;
}

// Names of Kubernetes hold no line breaks.
std::string key_text(const storage::Key& key) {
  return key.collection + '\n' + key.ns + '\n' + key.name;
}

storage::Key read_key(std::string_view text) {
  std::size_t first = text.find('\n'), second = text.find('\n', first + 1);
  return {std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
          std::string(text.substr(second + 1))};
}

bool OwnerIndex::put(const storage::Key& key, const std::vector<OwnerReference>& owners) {
  std::vector<std::string> uids;
  for (const OwnerReference& owner : owners) uids.push_back(owner.uid);
  std::string text = key_text(key);
  auto found = owners_.find(text);
  if (found == owners_.end() ? uids.empty() : found->second == uids) return false;
  erase(key);
  for (const std::string& uid : uids) dependents_[uid].insert(text);
  if (!uids.empty()) owners_.emplace(std::move(text), std::move(uids));
  return true;
}

void OwnerIndex::erase(const storage::Key& key) {
  std::string text = key_text(key);
  auto found = owners_.find(text);
  if (found == owners_.end()) return;
  for (const std::string& uid : found->second) {
    auto owned = dependents_.find(uid);
    if (owned == dependents_.end()) continue;
    owned->second.erase(text);
    if (owned->second.empty()) dependents_.erase(owned);
  }
  owners_.erase(found);
}

std::vector<std::string> OwnerIndex::dependents(const std::string& uid) const {
  auto found = dependents_.find(uid);
  if (found == dependents_.end()) return {};
  std::vector<std::string> keys(found->second.begin(), found->second.end());
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<std::string> OwnerIndex::owner_uids(const storage::Key& key) const {
  auto found = owners_.find(key_text(key));
  return found == owners_.end() ? std::vector<std::string>{} : found->second;
}

}  // namespace gatepost::apiserver
