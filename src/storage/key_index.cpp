#include "storage/key_index.h"

#include <algorithm>
#include <utility>

namespace gatepost::storage {
namespace {
constexpr std::size_t kBlockSlots = 128;
}  // namespace

std::string compose_key(std::string_view ns, std::string_view name) {
  std::string key;
  key.reserve(ns.size() + 1 + name.size());
  key.append(ns);
  key.push_back('\0');
  key.append(name);
  return key;
}

std::string_view namespace_of(std::string_view composed) {
  return composed.substr(0, composed.find('\0'));
}

std::string_view name_of(std::string_view composed) {
  return composed.substr(composed.find('\0') + 1);
}

std::string_view KeyIndex::Cursor::key() const {
  return index_->blocks_[block_]->key(slot_);
}

const Record& KeyIndex::Cursor::record() const {
  return index_->blocks_[block_]->slots[slot_].record;
}

void KeyIndex::Cursor::advance() {
  if (++slot_ == index_->blocks_[block_]->slots.size()) {
    ++block_;
    slot_ = 0;
  }
}

std::size_t KeyIndex::Block::lower_bound(std::string_view wanted) const {
  std::size_t low = 0, high = slots.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (key(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void KeyIndex::Block::pack() {
  std::string packed;
  packed.reserve(keys.size() - garbage);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::string_view text = key(i);
    slots[i].offset = static_cast<std::uint32_t>(packed.size());
    packed.append(text);
  }
  keys = std::move(packed);
  garbage = 0;
}

std::size_t KeyIndex::block_for(std::string_view key) const {
  // The last block whose low is not greater than the key.
  std::size_t low = 1, high = lows_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (key < lows_[middle]) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low - 1;
}

const Record* KeyIndex::find(std::string_view key) const {
  if (blocks_.empty()) return nullptr;
  const Block& block = *blocks_[block_for(key)];
  const std::size_t slot = block.lower_bound(key);
  return slot < block.slots.size() && block.key(slot) == key ? &block.slots[slot].record : nullptr;
}

KeyIndex::Cursor KeyIndex::lower_bound(std::string_view key) const {
  if (blocks_.empty()) return Cursor(this, 0, 0);
  const std::size_t block = block_for(key);
  const std::size_t slot = blocks_[block]->lower_bound(key);
  return slot < blocks_[block]->slots.size() ? Cursor(this, block, slot) : Cursor(this, block + 1, 0);
}

std::size_t KeyIndex::distance(const Cursor& from, const Cursor& to) const {
  std::size_t count = to.slot_;
  for (std::size_t block = from.block_; block < to.block_; ++block) count += blocks_[block]->slots.size();
  return count - from.slot_;
}

void KeyIndex::put(std::string_view key, Record record) {
  if (blocks_.empty()) {
    blocks_.push_back(std::make_unique<Block>());
    lows_.emplace_back();
  }
  std::size_t at = block_for(key);
  std::size_t slot = blocks_[at]->lower_bound(key);
  if (slot < blocks_[at]->slots.size() && blocks_[at]->key(slot) == key) {
    blocks_[at]->slots[slot].record = std::move(record);
    return;
  }
  if (blocks_[at]->slots.size() == kBlockSlots) {
    split(at, at + 1 == blocks_.size() && slot == kBlockSlots);
    at = block_for(key);
    slot = blocks_[at]->lower_bound(key);
  }
  Block& block = *blocks_[at];
  const Slot made{std::move(record), static_cast<std::uint32_t>(block.keys.size()),
                  static_cast<std::uint32_t>(key.size())};
  block.keys.append(key);
  block.slots.insert(block.slots.begin() + static_cast<std::ptrdiff_t>(slot), made);
  ++size_;
}

// Keys that come in rising order (the usual case of a load) leave full blocks behind; all others split in halves.
void KeyIndex::split(std::size_t at, bool at_end) {
  Block& left = *blocks_[at];
  const std::size_t keep = at_end ? kBlockSlots - 1 : kBlockSlots / 2;
  auto right = std::make_unique<Block>();
  right->slots.reserve(kBlockSlots - keep);
  for (std::size_t i = keep; i < left.slots.size(); ++i) {
    const std::string_view key = left.key(i);
    Slot& moved = left.slots[i];
    right->slots.push_back({std::move(moved.record), static_cast<std::uint32_t>(right->keys.size()),
                            static_cast<std::uint32_t>(key.size())});
    right->keys.append(key);
  }
  left.slots.resize(keep);
  left.slots.shrink_to_fit();
  left.pack();
  std::string low(right->key(0));
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(right));
  lows_.insert(lows_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(low));
}

bool KeyIndex::erase(std::string_view key) {
  if (blocks_.empty()) return false;
  const std::size_t at = block_for(key);
  Block& block = *blocks_[at];
  const std::size_t slot = block.lower_bound(key);
  if (slot == block.slots.size() || block.key(slot) != key) return false;
  block.garbage += key.size();
  block.slots.erase(block.slots.begin() + static_cast<std::ptrdiff_t>(slot));
  --size_;
  if (block.slots.empty()) {
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
    lows_.erase(lows_.begin() + static_cast<std::ptrdiff_t>(at));
  } else if (block.garbage > block.keys.size() / 2) {
    block.pack();
  }
  return true;
}

}  // namespace gatepost::storage
