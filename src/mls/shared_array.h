// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// SharedArray: an array whose copies share what neither of them has changed.
//
// A commit changes O(log N) of a tree's nodes, and while it is staged there are two trees. So an
// array is held in chunks: a copy takes the chunks over, and a write copies the one it falls into.

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace cercle::mls {

/// A place that was never written holds T{}. All copies belong to one thread.
template <class T>
class SharedArray {
  public:
    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] const T& operator[](std::size_t at) const {
        static const T never_written{};
        const auto& chunk = chunks_[at / chunk_size];
        return chunk == nullptr ? never_written : (*chunk)[at % chunk_size];
    }

    void set(std::size_t at, T value) {
        auto& chunk = chunks_[at / chunk_size];
        if (chunk == nullptr) {
            chunk = std::make_shared<Chunk>();
        } else if (chunk.use_count() != 1) {
            chunk = std::make_shared<Chunk>(*chunk);
        }
        (*chunk)[at % chunk_size] = std::move(value);
    }

    /// What is cut off is forgotten, even if the array grows again.
    void resize(std::size_t size) {
        for (std::size_t at = size; at < size_ && at % chunk_size != 0; ++at)
            set(at, T{});
        chunks_.resize((size + chunk_size - 1) / chunk_size);
        size_ = size;
    }

    /// Calls `visit(at)` for every place at which the two may differ; not for those that they
    /// share.
    template <class Visit>
    static void visit_unshared(const SharedArray& one, const SharedArray& other, Visit visit) {
        const std::size_t size = std::max(one.size_, other.size_);
        for (std::size_t at = 0; at < size; ++at) {
            const std::size_t chunk = at / chunk_size;
            const bool shared = chunk < one.chunks_.size() && chunk < other.chunks_.size() &&
                                one.chunks_[chunk] == other.chunks_[chunk];
            if (!shared) visit(at);
        }
    }

  private:
    // Small enough to be copied for one element, large enough that a thousand are few.
    static constexpr std::size_t chunk_size = 16;
    using Chunk = std::array<T, chunk_size>;

    std::size_t size_ = 0;
    std::vector<std::shared_ptr<Chunk>> chunks_;
};

}  // namespace cercle::mls
