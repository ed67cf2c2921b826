#include "explain/input.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace gatepost::explain {

namespace {
enum class Coding { unknown, plain, gzip, zstd };
constexpr std::size_t raw_block = 256 * 1024;
}  // namespace

struct Input::State {
  int fd = -1;
  bool owned = false;
  Follow follow = Follow::no;
  std::string name;
  std::int64_t size = -1;
  std::int64_t consumed = 0;
  bool ended = false;  // of the descriptor
  Coding coding = Coding::unknown;
  std::vector<char> raw;  // compressed bytes, or the first ones until the coding is known
  std::size_t raw_at = 0, raw_end = 0;
  std::optional<z_stream> gzip;
  ZSTD_DCtx* zstd = nullptr;
  bool frame_open = false;  // compressed data has begun and not ended

  ~State() {
    if (gzip) inflateEnd(&*gzip);
    ZSTD_freeDCtx(zstd);
    if (owned && fd >= 0) ::close(fd);
  }

  Result<std::size_t> read_some(char* to, std::size_t room) {
    for (;;) {
      const ssize_t got = ::read(fd, to, room);
      if (got > 0) {
        consumed += got;
        return static_cast<std::size_t>(got);
      }
      if (got == 0) {
        if (follow == Follow::yes) return restart_if_truncated();
        ended = true;
        return 0;
      }
      if (errno != EINTR) return fail(fmt::format("cannot read {}: {}", name, std::strerror(errno)));
    }
  }

  Result<std::size_t> restart_if_truncated() {
    struct stat now{};
    if (fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && now.st_size < consumed && lseek(fd, 0, SEEK_SET) == 0)
      consumed = 0;
    return 0;
  }

  Result<bool> fill() {
    if (raw_at > 0) {
      std::memmove(raw.data(), raw.data() + raw_at, raw_end - raw_at);
      raw_end -= raw_at;
      raw_at = 0;
    }
    if (raw_end == raw.size()) return true;
    auto got = read_some(raw.data() + raw_end, raw.size() - raw_end);
    if (!got) return fail_with(got.error());
    raw_end += *got;
    return *got > 0;
  }

  Result<void> recognise() {
    raw.resize(raw_block);
    while (raw_end < 4 && !ended) {
      auto more = fill();
      if (!more) return fail_with(more.error());
      if (!*more && follow == Follow::yes) return {};
    }
    const auto* head = reinterpret_cast<const unsigned char*>(raw.data());
    if (raw_end >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8) {
      coding = Coding::gzip;
      gzip.emplace();
      std::memset(&*gzip, 0, sizeof *gzip);
      if (inflateInit2(&*gzip, 15 + 32) != Z_OK) return fail("no memory to decompress");
    } else if (raw_end >= 4 && head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd) {
      coding = Coding::zstd;
      zstd = ZSTD_createDCtx();
      ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, 24);  // 16 MiB: memory stays bounded
    } else {
      coding = Coding::plain;
    }
    return {};
  }

  Result<std::size_t> cut_off() const {
    return fail(fmt::format("{} ends in the middle of its compressed data", name));
  }

  Result<std::size_t> read_gzip(char* to, std::size_t room) {
    gzip->next_out = reinterpret_cast<Bytef*>(to);
    gzip->avail_out = static_cast<uInt>(room);
    while (gzip->avail_out == room) {
      if (raw_at == raw_end) {
        auto more = fill();
        if (!more) return fail_with(more.error());
        if (!*more) {
          if (frame_open) return cut_off();
          break;
        }
      }
      frame_open = true;
      gzip->next_in = reinterpret_cast<Bytef*>(raw.data() + raw_at);
      gzip->avail_in = static_cast<uInt>(raw_end - raw_at);
      const int state = inflate(&*gzip, Z_NO_FLUSH);
      raw_at = raw_end - gzip->avail_in;
      if (state == Z_STREAM_END) {
        inflateReset(&*gzip);  // files of several members
        frame_open = false;
        if (raw_at == raw_end && ended) break;
        continue;
      }
      if (state != Z_OK && state != Z_BUF_ERROR) {
        return fail(fmt::format("{} is not a whole gzip file: {}", name, gzip->msg != nullptr ? gzip->msg : "damaged"));
      }
    }
    return room - gzip->avail_out;
  }

  Result<std::size_t> read_zstd(char* to, std::size_t room) {
    ZSTD_outBuffer out{to, room, 0};
    while (out.pos == 0) {
      if (raw_at == raw_end) {
        auto more = fill();
        if (!more) return fail_with(more.error());
        if (!*more) {
          if (frame_open) return cut_off();
          break;
        }
      }
      ZSTD_inBuffer in{raw.data() + raw_at, raw_end - raw_at, 0};
      const std::size_t state = ZSTD_decompressStream(zstd, &out, &in);
      raw_at += in.pos;
      frame_open = state != 0;
      if (ZSTD_isError(state) != 0)
        return fail(fmt::format("{} is not a whole zstd file: {}", name, ZSTD_getErrorName(state)));
    }
    return out.pos;
  }
};

Input::Input(std::unique_ptr<State> state) : state_(std::move(state)) {}
Input::Input(Input&&) noexcept = default;
Input& Input::operator=(Input&&) noexcept = default;
Input::~Input() = default;

Result<Input> Input::open(const std::string& path, Follow follow) {
  auto state = std::make_unique<State>();
  state->fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (state->fd < 0) return fail(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  state->owned = true;
  state->follow = follow;
  state->name = path;
  struct stat found{};
  if (fstat(state->fd, &found) == 0) {
    if (S_ISDIR(found.st_mode)) return fail(fmt::format("cannot read {}: it is a directory", path));
    if (S_ISREG(found.st_mode)) state->size = found.st_size;
  }
  return Input(std::move(state));
}

Result<Input> Input::descriptor(int fd, std::string name) {
  auto state = std::make_unique<State>();
  state->fd = fd;
  state->name = std::move(name);
  struct stat found{};
  if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) state->size = found.st_size;
  return Input(std::move(state));
}

Result<std::size_t> Input::read(char* to, std::size_t room) {
  State& s = *state_;
  if (room == 0) return 0;
  if (s.coding == Coding::unknown) {
    auto known = s.recognise();
    if (!known) return fail_with(known.error());
    if (s.coding == Coding::unknown) return 0;
  }
  if (s.coding == Coding::gzip) return s.read_gzip(to, room);
  if (s.coding == Coding::zstd) return s.read_zstd(to, room);
  if (s.raw_at < s.raw_end) {
    const std::size_t count = std::min(room, s.raw_end - s.raw_at);
    std::memcpy(to, s.raw.data() + s.raw_at, count);
    s.raw_at += count;
    return count;
  }
  if (s.ended) return 0;
  return s.read_some(to, room);
}

bool Input::wait(int milliseconds) const {
  if (state_->raw_at < state_->raw_end || state_->ended) return true;
  pollfd one{state_->fd, POLLIN, 0};
  return ::poll(&one, 1, milliseconds) > 0;
}

std::int64_t Input::size() const {
  return state_->size;
}
std::int64_t Input::consumed() const {
  return state_->consumed;
}
bool Input::at_end() const {
  return state_->ended && state_->raw_at == state_->raw_end;
}
const std::string& Input::name() const {
  return state_->name;
}

}  // namespace gatepost::explain
