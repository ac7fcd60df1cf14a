// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/secret.h"

#include <algorithm>
#include <utility>

#include "base/slab.h"

namespace cercle {

Secret::Secret(std::size_t size)
    : memory_(size == 0 ? nullptr : slab::take(size)),
      size_(size) {}

Secret::Secret(Secret&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        release();
        memory_ = std::exchange(other.memory_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

Secret::~Secret() {
    release();
}

Secret Secret::absorb(std::span<std::uint8_t> source) {
    Secret secret = copy_of(source);
    wipe(source.data(), source.size());
    return secret;
}

Secret Secret::copy_of(BytesView source) {
    Secret secret(source.size());
    std::ranges::copy(source, secret.memory_);
    return secret;
}

void Secret::release() {
    if (memory_ != nullptr) slab::give_back(memory_, size_);
    memory_ = nullptr;
    size_ = 0;
}

}  // namespace cercle
