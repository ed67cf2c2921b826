// The chunked transfer coding, read with the strictness and the error texts of Go's net/http/internal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/buffer.h"

namespace gatepost::net::http {

// Takes chunks apart as their bytes arrive. Trailers are read and dropped.
class ChunkReader {
 public:
  enum class State { more, done, failed };

  // Takes what it can from `in` and appends data to `out`, at most until `out` holds `most` bytes: then more bytes of
  // data fail with too_large().
  State read(Buffer& in, std::string& out, std::size_t most);
  const std::string& error() const { return error_; }
  bool too_large() const { return too_large_; }
  // Whether only trailers and the end are missing, and what Go says when the stream ends there with `left` bytes of a
  // line read.
  bool in_trailer() const { return stage_ == Stage::trailer; }
  std::string cut_trailer_error(std::size_t left) const;

 private:
  enum class Stage { size, data, data_end, trailer, over };
  State fail(std::string text);
  State take_size(std::string_view line);

  Stage stage_ = Stage::size;
  std::uint64_t left_ = 0;   // bytes of the present chunk
  std::int64_t excess_ = 0;  // bytes that are not data, beyond what is fair (16 a chunk and twice its data)
  std::size_t trailer_ = 0;  // bytes of trailers so far
  bool too_large_ = false;
  std::string error_;
};

// Appends one chunk (nothing for an empty piece, which would end the body).
void append_chunk(std::string& out, std::string_view piece);

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace gatepost::net::http
