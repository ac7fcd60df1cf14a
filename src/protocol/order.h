// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Orders: what an officer tells the relay. Signed and numbered, so that none can be replayed
// after a later one, and repeatable: the same number with the same bytes is done again in vain.

#include <cstdint>
#include <tuple>
#include <variant>

#include "base/bytes.h"
#include "protocol/words.h"

namespace cercle::protocol {

/// Lets a device open sessions and gives it an inbox.
struct AdmitDevice {
    DeviceKey device;
    LogId inbox;
    TokenHash deposit;  // who may put something in
    ReaderKey reader;   // who may read it

    auto fields(this auto& self) {
        return std::tie(self.device, self.inbox, self.deposit, self.reader);
    }
};

/// Shuts a device out: its sessions end; its inbox, key packages, cards and unlock share are
/// gone.
struct DropDevice {
    DeviceKey device;

    auto fields(this auto& self) { return std::tie(self.device); }
};

/// Opens the exchange of an invitation until a time.
struct OpenExchange {
    ExchangeId exchange;
    TokenHash token;
    Stamp until;

    auto fields(this auto& self) { return std::tie(self.exchange, self.token, self.until); }
};

/// Withdraws it, or clears it away once it is finished.
struct CloseExchange {
    ExchangeId exchange;

    auto fields(this auto& self) { return std::tie(self.exchange); }
};

/// Accepts the unlock shares as they stand, after an earlier state of the relay's disk has come
/// back: guesses are taken again.
struct RearmShares {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

using OrderNumber = Number<struct OrderTag>;

struct Order {
    OrderNumber number;  // one more than the one before; the first is 1
    std::variant<AdmitDevice, DropDevice, OpenExchange, CloseExchange, RearmShares> act;

    auto fields(this auto& self) { return std::tie(self.number, self.act); }
};

struct SignedOrder {
    Bytes order;  // an encoded Order, kept as it was signed
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.order, self.signature); }
};

}  // namespace cercle::protocol
