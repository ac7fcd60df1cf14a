// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// TextPort: a port on the loopback at which programs of this machine get one text by HTTP, such as
// the figures of a server. Plain and small: GET of one path, one answer, and the connection ends.
// It is opened on a loopback address and on no other: whoever reaches it, reads it.

#include <functional>
#include <memory>
#include <string>

#include "net/address.h"
#include "net/loop.h"

namespace cercle::net {

class TextPort {
  public:
    struct Page {
        std::string path;  // "/metrics"
        std::string type;  // its media type
        /// Asked for at each request, on the loop's thread.
        std::function<std::string()> text;
    };

    /// `loop` is a real one, and outlives it. Port 0 takes any free one. Errors: invalid_argument
    /// (no address of this machine's loopback), already_exists (the port is taken), permissions,
    /// library_fault.
    [[nodiscard]] static Result<std::unique_ptr<TextPort>> open(Loop& loop,
                                                                const Address& address,
                                                                Page page);

    TextPort(const TextPort&) = delete;
    TextPort& operator=(const TextPort&) = delete;
    /// Ends all its connections.
    ~TextPort();

    [[nodiscard]] Address address() const;

  private:
    struct State;

    explicit TextPort(std::shared_ptr<State> state);

    std::shared_ptr<State> state_;
};

}  // namespace cercle::net
