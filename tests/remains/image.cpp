// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/remains/image.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <unordered_map>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/slab.h"

namespace cercle::remains {
namespace {

/// A part of a secret, long enough not to stand somewhere by chance. Half a secret is a find, too:
/// an allocator writes over the beginning of what it is given back.
struct Piece {
    std::size_t secret;
    BytesView masked;
};

constexpr std::size_t piece_size = 16;

std::vector<Piece> pieces_of(const std::vector<Masked>& secrets) {
    std::vector<Piece> pieces;
    for (std::size_t secret = 0; secret < secrets.size(); ++secret) {
        const BytesView whole(secrets[secret]);
        for (std::size_t at = 0; at == 0 || at + piece_size <= whole.size(); at += piece_size) {
            pieces.push_back({secret, whole.subspan(at, std::min(piece_size, whole.size()))});
        }
    }
    return pieces;
}

/// Finds many pieces in one pass: by their first eight bytes, and then by all.
class Searcher {
  public:
    explicit Searcher(const std::vector<Masked>& secrets)
        : pieces_(pieces_of(secrets)),
          possible_(std::size_t{1} << 16U) {
        for (const Piece& piece : pieces_) {
            const std::uint64_t start = start_of(piece.masked.data());
            by_start_.emplace(start, &piece);
            possible_[start & 0xffffU] = true;
        }
    }

    /// Calls `found` with each secret of which a piece begins in `memory`.
    template <class Found>
    void search(BytesView memory, const Found& found) const {
        constexpr std::uint64_t wide_mask = 0x0101010101010101U * mask;
        for (std::size_t at = 0; at + sizeof wide_mask <= memory.size(); ++at) {
            const std::uint64_t start = start_of(memory.data() + at) ^ wide_mask;
            if (!possible_[start & 0xffffU]) continue;
            const auto [first, last] = by_start_.equal_range(start);
            for (auto one = first; one != last; ++one) {
                const Piece& piece = *one->second;
                if (stands_at(piece.masked, memory.subspan(at))) found(piece.secret);
            }
        }
    }

  private:
    static std::uint64_t start_of(const std::uint8_t* bytes) {
        std::uint64_t start = 0;
        std::memcpy(&start, bytes, sizeof start);
        return start;
    }

    static bool stands_at(BytesView piece, BytesView memory) {
        if (memory.size() < piece.size()) return false;
        return std::ranges::equal(
            piece, memory.first(piece.size()), [](std::uint8_t masked, std::uint8_t byte) {
                return masked == static_cast<std::uint8_t>(byte ^ mask);
            });
    }

    std::vector<Piece> pieces_;
    std::unordered_multimap<std::uint64_t, const Piece*> by_start_;
    std::vector<bool> possible_;
};

struct Range {
    std::uintptr_t first;
    std::uintptr_t last;
    std::string name;
    bool readable = false;
};

/// What this process may write to. Sanitizers reserve terabytes for their own books, which hold
/// nothing of ours and would take days to read: what is larger than any memory is left out.
std::vector<Range> writable() {
    constexpr std::uintptr_t larger_than_memory = std::uintptr_t{1} << 36U;
    std::vector<Range> ranges;
    // A line like those of /proc/self/maps, and lines about it, of which the last says what it is.
    std::ifstream maps("/proc/self/smaps");
    for (std::string line; std::getline(maps, line);) {
        if (line.starts_with("VmFlags:")) {
            if (!ranges.empty() && line.contains(" lo")) ranges.back().name = locked_memory;
            continue;
        }
        std::istringstream words(line);
        Range range{};
        char dash = 0;
        std::string rights;
        std::string rest;
        words >> std::hex >> range.first >> dash >> range.last >> rights;
        if (!words || dash != '-') continue;
        words >> rest >> rest >> rest >> range.name;
        range.readable = rights.starts_with("rw") && range.last - range.first < larger_than_memory;
        if (range.name.empty()) range.name = "anonymous memory";
        ranges.push_back(std::move(range));
    }
    std::erase_if(ranges, [](const Range& range) { return !range.readable; });
    return ranges;
}

}  // namespace

Search search_memory(const std::vector<Masked>& secrets) {
    const Searcher searcher(secrets);
    Search search;
    const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    CHECK(memory >= 0, "this machine does not let a process read its own memory");
    // Static, so that it is neither on a heap nor on a stack that is read meanwhile; what is found
    // in it was read into it.
    static std::uint8_t window[std::size_t{1} << 20U];
    const auto window_first = reinterpret_cast<std::uintptr_t>(&window);
    const std::uintptr_t window_last = window_first + sizeof window;
    for (const Range& range : writable()) {
        for (std::uintptr_t at = range.first; at < range.last; at += sizeof window - piece_size) {
            const std::size_t wanted = std::min<std::size_t>(sizeof window, range.last - at);
            const ssize_t got = pread(memory, window, wanted, static_cast<off_t>(at));
            if (got <= 0) break;  // such as [vvar]
            search.bytes_read += static_cast<std::size_t>(got);
            const auto size = static_cast<std::size_t>(got);
            const bool itself = at < window_last && window_first < at + size;
            if (itself) {
                // Leave out the window, keep what stands around it in the same range.
                const std::size_t from = window_first > at ? window_first - at : 0;
                const std::size_t to = std::min<std::size_t>(size, window_last - at);
                wipe(window + from, to - from);
            }
            searcher.search({window, size},
                            [&](std::size_t index) { search.finds.insert({index, range.name}); });
        }
        wipe(window, sizeof window);
    }
    close(memory);
    CHECK(search.bytes_read > (std::size_t{1} << 20U), "hardly any memory could be read");
    return search;
}

std::set<std::size_t> search_bytes(const std::vector<Masked>& secrets, BytesView stored) {
    std::set<std::size_t> found;
    Searcher(secrets).search(stored, [&](std::size_t index) { found.insert(index); });
    return found;
}

}  // namespace cercle::remains
