// A byte buffer that is filled at its end and taken from at its start.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace gatepost::net {

class Buffer {
 public:
  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  char* data() { return data_.get() + begin_; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  void consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Free space at the end, at least `least` bytes; filled() says how many of them were used.
  std::span<char> space(std::size_t least) {
    if (capacity_ - end_ < least) make_room(least);
    return {data_.get() + end_, capacity_ - end_};
  }
  void filled(std::size_t bytes) { end_ += bytes; }

  // Gives the memory back when nothing is held.
  void shrink(std::size_t above) {
    if (empty() && capacity_ > above) {
      data_.reset();
      capacity_ = 0;
    }
  }

 private:
  void make_room(std::size_t least) {
    std::size_t held = size();
    std::size_t want = held + least;
    if (want <= capacity_) {
      std::memmove(data_.get(), data_.get() + begin_, held);
    } else {
      want = std::max(want, capacity_ * 2);
      auto bigger = std::make_unique_for_overwrite<char[]>(want);
      if (held) std::memcpy(bigger.get(), data_.get() + begin_, held);
      data_ = std::move(bigger);
      capacity_ = want;
    }
    begin_ = 0;
    end_ = held;
  }

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace gatepost::net
