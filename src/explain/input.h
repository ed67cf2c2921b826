// Bytes from a file, a descriptor or memory, plain or compressed (gzip and zstd are recognised by their first bytes),
// block by block, so that memory does not grow with the input.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::explain {

enum class Follow { no, yes };

class Input {
 public:
  // `path` may be a file or a named pipe. With Follow::yes the end of the file is not an end: read() then returns 0 and
  // may return more later (compressed files cannot be followed).
  static Result<Input> open(const std::string& path, Follow follow = Follow::no);
  static Result<Input> descriptor(int fd, std::string name);  // not closed at the end

  Input(Input&&) noexcept;
  Input& operator=(Input&&) noexcept;
  ~Input();

  // Up to `room` bytes; 0 at the end.
  Result<std::size_t> read(char* to, std::size_t room);

  // False when nothing arrives within the time: the source is live and idle.
  bool wait(int milliseconds) const;

  std::int64_t size() const;      // of the file, compressed or not; -1 where it has none
  std::int64_t consumed() const;  // bytes of it that were read
  bool at_end() const;            // nothing more will come
  const std::string& name() const;

 private:
  struct State;
  explicit Input(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gatepost::explain
