// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/write_ahead.h"

#include <cstddef>

#include "store/checked_disk.h"

namespace cercle::store {
namespace {

constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::size_t frame_size = frame_header_size + page_size;
constexpr std::uint32_t magic = 0x377f0682;  // the last bit: words are taken as big-endian

std::uint32_t big_endian(BytesView bytes, std::size_t at) {
    return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U |
           std::uint32_t{bytes[at + 2]} << 8U | std::uint32_t{bytes[at + 3]};
}

std::uint32_t little_endian(BytesView bytes, std::size_t at) {
    return std::uint32_t{bytes[at + 3]} << 24U | std::uint32_t{bytes[at + 2]} << 16U |
           std::uint32_t{bytes[at + 1]} << 8U | std::uint32_t{bytes[at]};
}

struct Pair {
    std::uint32_t first = 0;
    std::uint32_t second = 0;

    friend bool operator==(const Pair&, const Pair&) = default;
};

Pair pair_at(BytesView bytes, std::size_t at) {
    return {big_endian(bytes, at), big_endian(bytes, at + 4)};
}

/// SQLite's own; `log` says in which order its words were summed up.
class Judge {
  public:
    explicit Judge(BytesView log)
        : log_(log),
          big_((log[3] & 1U) != 0),
          salts_(pair_at(log, 16)),
          frames_((log.size() - header_size) / frame_size) {}

    [[nodiscard]] WriteAhead verdict() const {
        if (frames_ == 0) return WriteAhead::Whole;
        if (!is_header_right(pair_at(log_, 16))) {
            // Frames that belong to this header, though it says otherwise. Else it was being
            // written.
            const Pair of_frame = salts_of(0);
            const bool flipped = of_frame == salts_ || is_header_right(of_frame);
            return flipped ? WriteAhead::Damaged : WriteAhead::Doubtful;
        }
        std::size_t end = 0;
        while (end < frames_ && is_ours(end) && continues(end))
            ++end;
        if (end == frames_) return WriteAhead::Whole;
        // Nothing but its own frames continues a log.
        if (!is_ours(end) && continues(end)) return WriteAhead::Damaged;
        if (is_commit_behind(end)) return WriteAhead::Damaged;
        for (std::size_t at = end; at < frames_; ++at) {
            if (is_ours(at)) return WriteAhead::Doubtful;
        }
        return is_rest_right(end) ? WriteAhead::Whole : WriteAhead::Doubtful;
    }

  private:
    [[nodiscard]] Pair summed(BytesView bytes, Pair sum) const {
        for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
            sum.first += word(bytes, at) + sum.second;
            sum.second += word(bytes, at + 4) + sum.first;
        }
        return sum;
    }

    [[nodiscard]] std::uint32_t word(BytesView bytes, std::size_t at) const {
        return big_ ? big_endian(bytes, at) : little_endian(bytes, at);
    }

    [[nodiscard]] bool is_header_right(Pair salts) const {
        if ((big_endian(log_, 0) | 1U) != (magic | 1U)) return false;
        Bytes header = to_bytes(log_.first(24));
        const auto put = [&header](std::size_t at, std::uint32_t value) {
            for (std::size_t byte = 0; byte < 4; ++byte)
                header[at + byte] = static_cast<std::uint8_t>(value >> (24U - 8U * byte));
        };
        put(16, salts.first);
        put(20, salts.second);
        return summed(header, {}) == pair_at(log_, 24);
    }

    [[nodiscard]] BytesView frame(std::size_t at) const {
        return log_.subspan(header_size + at * frame_size, frame_size);
    }

    [[nodiscard]] Pair salts_of(std::size_t at) const { return pair_at(frame(at), 8); }

    [[nodiscard]] bool is_ours(std::size_t at) const { return salts_of(at) == salts_; }

    /// Whether a frame's checksum goes on from the one that stands before it.
    [[nodiscard]] bool continues(std::size_t at) const {
        const Pair before = at == 0 ? pair_at(log_, 24) : pair_at(frame(at - 1), 16);
        const BytesView one = frame(at);
        const Pair sum = summed(one.subspan(frame_header_size), summed(one.first(8), before));
        return sum == pair_at(one, 16);
    }

    [[nodiscard]] bool is_commit(std::size_t at) const { return big_endian(frame(at), 4) != 0; }

    /// A commit at or behind `end`, and of the same log still more behind it: then it was synced.
    [[nodiscard]] bool is_commit_behind(std::size_t end) const {
        bool committed = false;
        for (std::size_t at = end; at < frames_; ++at) {
            if (!is_ours(at)) continue;
            if (committed) return true;
            committed = committed || (is_commit(at) && (at == end || continues(at)));
        }
        return false;
    }

    /// What earlier rounds have left behind the end; of the first of them nothing can be said.
    [[nodiscard]] bool is_rest_right(std::size_t end) const {
        for (std::size_t at = end + 1; at < frames_; ++at) {
            if (salts_of(at) == salts_of(at - 1) && !continues(at)) return false;
        }
        return true;
    }

    BytesView log_;
    bool big_;
    Pair salts_;
    std::size_t frames_;
};

}  // namespace

WriteAhead judge_write_ahead(BytesView log) {
    if (log.size() < header_size) return WriteAhead::Whole;
    return Judge(log).verdict();
}

}  // namespace cercle::store
