// KeyIndex: the objects of one collection in key order (namespace, then name), made for a million of them. Keys lie
// packed in blocks of at most 128 neighbours beside their records, so that a key costs its own bytes and eight more, a
// lookup touches one block, and a range is read in order. Not thread-safe: it belongs to the loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/storage.h"

namespace gatepost::storage {

struct Record {
  Bytes bytes;
  Revision revision = 0;
  Revision create_revision = 0;
};

// Namespace and name as one string whose byte order is the order of keys: a NUL byte, which sorts first, between them.
std::string compose_key(std::string_view ns, std::string_view name);
std::string_view namespace_of(std::string_view composed);
std::string_view name_of(std::string_view composed);

class KeyIndex {
 public:
  // A place in the order; invalid behind the last key. Any insert or erase ends its life.
  class Cursor {
   public:
    bool valid() const { return block_ < index_->blocks_.size(); }
    std::string_view key() const;
    const Record& record() const;
    void advance();

   private:
    friend class KeyIndex;
    Cursor(const KeyIndex* index, std::size_t block, std::size_t slot) : index_(index), block_(block), slot_(slot) {}
    const KeyIndex* index_;
    std::size_t block_, slot_;
  };

  std::size_t size() const { return size_; }
  const Record* find(std::string_view key) const;
  // The first key that is not less than `key`.
  Cursor lower_bound(std::string_view key) const;
  // How many keys lie from `from` to before `to`.
  std::size_t distance(const Cursor& from, const Cursor& to) const;
  // Inserts, or replaces what is there.
  void put(std::string_view key, Record record);
  // False when it was not there.
  bool erase(std::string_view key);

 private:
  struct Slot {
    Record record;
    std::uint32_t offset = 0, length = 0;  // of the key in Block::keys
  };
  struct Block {
    std::string keys;
    std::vector<Slot> slots;
    std::size_t garbage = 0;  // bytes of keys that no slot names

    std::string_view key(std::size_t slot) const {
      return std::string_view(keys).substr(slots[slot].offset, slots[slot].length);
    }
    std::size_t lower_bound(std::string_view key) const;
    void pack();  // rewrites `keys` without garbage
  };

  std::size_t block_for(std::string_view key) const;
  void split(std::size_t block, bool at_end);

  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::string> lows_;  // the least key that block i may hold; lows_[0] is not looked at
  std::size_t size_ = 0;
};

}  // namespace gatepost::storage
