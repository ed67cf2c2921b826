#include "net/http/gzip.h"

#include <algorithm>
#include <zlib.h>

namespace gatepost::net::http {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for the gzip wrapper

Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string gzip(std::string_view plain, int level) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, static_cast<uLong>(plain.size())), '\0');
  stream.next_in = bytes_of(plain);
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = bytes_of(out);
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> gunzip(std::string_view packed, std::size_t most) {
  if (packed.empty()) return fail("EOF");
  if (packed.size() < 10) return fail("unexpected EOF");  // Go reads the whole fixed header first
  if (!packed.starts_with("\x1f\x8b\x08")) return fail("gzip: invalid header");
  std::string out;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return fail("gzip: invalid header");
  stream.next_in = bytes_of(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string why;
  while (why.empty()) {
    std::size_t have = out.size();
    out.resize(std::min(most + 1, std::max<std::size_t>(have * 2, 16384)));
    stream.next_out = bytes_of(out) + have;
    stream.avail_out = static_cast<uInt>(out.size() - have);
    int result = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.size() > most) {
      why = "gzip: more than " + std::to_string(most) + " bytes";
    } else if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      if (inflateReset(&stream) != Z_OK) why = "gzip: invalid header";  // another member follows
    } else if (result == Z_DATA_ERROR) {
      std::string_view message = stream.msg ? stream.msg : "";
      if (message.find("check") != std::string_view::npos) {
        why = message.find("header") == std::string_view::npos ? "gzip: invalid checksum" : "gzip: invalid header";
      } else if (message.find("header") != std::string_view::npos) {
        why = "gzip: invalid header";
      } else {
        why = "flate: corrupt input before offset " + std::to_string(stream.total_in);
      }
    } else if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) {
      why = "unexpected EOF";
    }
  }
  inflateEnd(&stream);
  if (!why.empty()) return fail(std::move(why));
  return out;
}

}  // namespace gatepost::net::http
