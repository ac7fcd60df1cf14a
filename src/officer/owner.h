// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The process that owns an officer's home: a member's owner with an office in it.

#include <memory>

#include "client/owner.h"
#include "officer/api.h"
#include "officer/office.h"

namespace cercle::officer {

class OfficerOwner final : public client::MemberOwner {
  public:
    OfficerOwner(client::World& world, client::Settings settings);
    ~OfficerOwner() override;

    [[nodiscard]] net::Task<client::Outcome> perform(client::Request request,
                                                     client::ByteSink sink) override;
    [[nodiscard]] net::Task<void> stop() override;

  private:
    [[nodiscard]] net::Task<void> dispatch(Command command,
                                           client::Waiting waiting,
                                           const EventSink& sink);
    [[nodiscard]] net::Task<void> found(Found command,
                                        client::Waiting waiting,
                                        const EventSink& sink);
    [[nodiscard]] net::Task<void> serve(const EventSink& sink);
    [[nodiscard]] net::Task<void> invite(Invite command,
                                         client::Waiting waiting,
                                         const EventSink& sink);
    [[nodiscard]] Result<void> list_members(const EventSink& sink);
    [[nodiscard]] net::Task<void> list_requests(client::Waiting waiting, const EventSink& sink);
    [[nodiscard]] net::Task<void> approve(Approve command,
                                          client::Waiting waiting,
                                          const EventSink& sink);
    [[nodiscard]] Result<void> list_devices(const EventSink& sink);
    [[nodiscard]] Result<void> show_journal(const ShowJournal& command, const EventSink& sink);
    /// A member with his devices.
    [[nodiscard]] Result<void> show_member(const client::Person& person, const EventSink& sink);
    /// The office at work. Errors: not_an_officer, and those of device().
    [[nodiscard]] Result<Office*> office();
    /// A vault with a new authority in it, or the one that was interrupted in founding.
    [[nodiscard]] Result<void> prepare_vault(const Found& command);

    std::unique_ptr<Office> office_;
    std::unique_ptr<net::TaskGroup> tasks_;
};

}  // namespace cercle::officer
