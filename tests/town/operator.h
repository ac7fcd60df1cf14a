// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Operator: who runs the relay, holds its key, and does what he likes with what passes through it:
// between the relay's own code and TLS he drops, changes, doubles, holds back and answers himself.
//
// Without hooks set he is honest. He knows which session is which device's, since they tell him.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "net/channel.h"
#include "protocol/frames.h"

namespace cercle::town {

using Session = std::uint64_t;

class Operator final : public net::Network {
  public:
    /// What comes from a device: what the relay's code gets instead, none or several.
    using ToRelay = std::function<std::vector<Bytes>(Session, Bytes frame)>;
    /// What goes to one.
    using ToDevice = std::function<std::vector<Bytes>(Session, Bytes frame)>;
    /// An answer that the relay's own code never sees the question to.
    using Answering = std::function<std::optional<protocol::ResponseBody>(
        Session, const protocol::RequestBody& request)>;

    explicit Operator(net::Network& network)
        : network_(network) {}

    [[nodiscard]] Result<std::unique_ptr<net::Listener>> listen(
        net::Address address, const net::ServerIdentity& identity) override;
    [[nodiscard]] net::Task<std::unique_ptr<net::Channel>> dial(net::Address address,
                                                                net::RelayKey expected,
                                                                net::Deadline deadline) override;

    void on_frame_to_relay(ToRelay hook) { to_relay_ = std::move(hook); }

    void on_frame_to_device(ToDevice hook) { to_device_ = std::move(hook); }

    void on_request(Answering hook) { answering_ = std::move(hook); }

    /// Changes what the relay says before the device hears it.
    void rewrite(std::function<void(Session, protocol::FromRelay&)> change);

    void be_honest();

    /// Which device a session is; nothing for the officer's and newcomers'.
    [[nodiscard]] std::optional<protocol::DeviceKey> device(Session session) const;

    /// For this folder.
    struct Hands;

  private:
    net::Network& network_;
    ToRelay to_relay_;
    ToDevice to_device_;
    Answering answering_;
    std::map<Session, protocol::DeviceKey> devices_;
    Session last_ = 0;

    friend struct Hands;
};

}  // namespace cercle::town
