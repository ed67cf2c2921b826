#include "net/http/chunked.h"

#include <algorithm>
#include <charconv>

namespace gatepost::net::http {

namespace {
constexpr std::size_t kLongestLine = 4096;  // internal.maxLineLength, and the size of Go's read buffer
constexpr std::size_t kMostTrailer = 4096;  // what fits into Go's read buffer
constexpr std::string_view kLongTrailer = "http: suspiciously long trailer after chunked body";
}  // namespace

ChunkReader::State ChunkReader::fail(std::string text) {
  error_ = std::move(text);
  stage_ = Stage::over;
  return State::failed;
}

ChunkReader::State ChunkReader::take_size(std::string_view line) {
  std::size_t cr = line.find('\r');
  if (cr == std::string_view::npos) return fail("chunked line ends with bare LF");
  if (cr != line.size() - 1) return fail("invalid CR in chunked line");
  line.remove_suffix(1);
  if (line.size() >= kLongestLine) return fail("header line too long");
  excess_ += static_cast<std::int64_t>(line.size()) + 2;
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  line = line.substr(0, line.find(';'));
  if (line.empty()) return fail("empty hex number for chunk length");
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint64_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint64_t>(c - 'A' + 10);
    } else {
      return fail("invalid byte in chunk length");
    }
    if (i == 16) return fail("http chunk length too large");
    size = size << 4 | digit;
  }
  auto fair = static_cast<std::int64_t>(std::min<std::uint64_t>(size, 1u << 30));
  excess_ = std::max<std::int64_t>(0, excess_ - 16 - 2 * fair);
  if (excess_ > 16 * 1024) return fail("chunked encoding contains too much non-data");
  left_ = size;
  stage_ = size == 0 ? Stage::trailer : Stage::data;
  return State::more;
}

ChunkReader::State ChunkReader::read(Buffer& in, std::string& out, std::size_t most) {
  while (stage_ != Stage::over) {
    std::string_view bytes = in.view();
    if (stage_ == Stage::data) {
      if (bytes.empty()) return State::more;
      std::size_t take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      if (out.size() + take > most) {
        too_large_ = true;
        return fail("http: request body too large");
      }
      out += bytes.substr(0, take);
      in.consume(take);
      left_ -= take;
      if (left_ == 0) stage_ = Stage::data_end;
    } else if (stage_ == Stage::data_end) {
      if (bytes.size() < 2) return State::more;
      if (!bytes.starts_with("\r\n")) return fail("malformed chunked encoding");
      in.consume(2);
      stage_ = Stage::size;
    } else {
      std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) {
        if (bytes.size() >= kLongestLine) return fail("header line too long");
        return State::more;
      }
      std::string_view line = bytes.substr(0, end);
      if (stage_ == Stage::size) {
        if (take_size(line) == State::failed) return State::failed;
      } else {
        if (line.ends_with('\r')) line.remove_suffix(1);
        trailer_ += end + 1;
        if (trailer_ > kMostTrailer) return fail(std::string(kLongTrailer));
        if (line.empty()) stage_ = Stage::over;
      }
      in.consume(end + 1);
    }
  }
  return error_.empty() ? State::done : State::failed;
}

std::string ChunkReader::cut_trailer_error(std::size_t left) const {
  if (trailer_ + left < 2) return "http: unexpected EOF reading trailer";
  return std::string(kLongTrailer);
}

void append_chunk(std::string& out, std::string_view piece) {
  if (piece.empty()) return;
  char size[24];
  auto [end, error] = std::to_chars(size, size + sizeof size, piece.size(), 16);
  out.append(size, end);
  out += "\r\n";
  out += piece;
  out += "\r\n";
}

}  // namespace gatepost::net::http
