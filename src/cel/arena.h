// Memory of one evaluation: a bump allocator whose first block is part of the object, so that ordinary evaluations
// touch no heap. Objects with destructors (host objects) are destroyed with it.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gatepost::cel {

class Arena {
 public:
  Arena() : next_(first_), end_(first_ + sizeof(first_)) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { clear(); }

  void* allocate(std::size_t bytes, std::size_t alignment = alignof(std::max_align_t)) {
    void* at = next_;
    std::size_t space = static_cast<std::size_t>(end_ - next_);
    if (std::align(alignment, bytes, at, space) == nullptr) {
      grow(bytes + alignment);
      at = next_;
      space = static_cast<std::size_t>(end_ - next_);
      std::align(alignment, bytes, at, space);
    }
    next_ = static_cast<std::byte*>(at) + bytes;
    return at;
  }

  template <class T>
  T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  std::string_view copy(std::string_view text) {
    char* out = array<char>(text.size());
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    return {out, text.size()};
  }

  template <class T, class... Arguments>
  T* make(Arguments&&... arguments) {
    T* out = new (allocate(sizeof(T), alignof(T))) T(std::forward<Arguments>(arguments)...);
    if constexpr (!std::is_trivially_destructible_v<T>)
      owned_.push_back({out, [](void* object) { static_cast<T*>(object)->~T(); }});
    return out;
  }

  // Back to empty; the first block stays.
  void clear() {
    for (auto object = owned_.rbegin(); object != owned_.rend(); ++object) object->second(object->first);
    owned_.clear();
    blocks_.clear();
    next_ = first_;
    end_ = first_ + sizeof(first_);
  }

 private:
  void grow(std::size_t at_least) {
    const std::size_t size =
        std::max<std::size_t>(at_least, std::size_t{8192} << std::min<std::size_t>(blocks_.size(), 8));
    blocks_.push_back(std::make_unique<std::byte[]>(size));
    next_ = blocks_.back().get();
    end_ = next_ + size;
  }

  alignas(std::max_align_t) std::byte first_[2048];
  std::byte* next_;
  std::byte* end_;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::vector<std::pair<void*, void (*)(void*)>> owned_;
};

}  // namespace gatepost::cel
