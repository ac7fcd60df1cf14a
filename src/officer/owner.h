// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The process that owns an officer's home: a member's owner with an office in it.

#include <memory>

#include "client/owner.h"
#include "officer/api.h"
#include "officer/office.h"

namespace cercle::officer {

/// Of an invitation by which somebody waits.
[[nodiscard]] RequestWaiting waiting_shown(const InvitationRow& row);

class OfficerOwner : public client::MemberOwner {
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
    [[nodiscard]] net::Task<void> confirm_relay(ConfirmRelay command,
                                                client::Waiting waiting,
                                                const EventSink& sink);
    [[nodiscard]] Result<void> list_members(const EventSink& sink);
    [[nodiscard]] net::Task<void> report_lost(ReportLost command,
                                              client::Waiting waiting,
                                              const EventSink& sink);
    /// Errors: unknown, ambiguous, invalid_argument (the officer's own).
    [[nodiscard]] Result<std::vector<client::PersonDevice>> devices_called(
        client::Core& core, const std::string& which) const;
    /// The member whose lost device an invitation replaces.
    /// Errors: unknown, ambiguous, invalid_argument (he has a device that is not lost).
    [[nodiscard]] Result<client::Person> replaced(client::Core& core,
                                                  const std::string& which) const;
    [[nodiscard]] net::Task<void> tell_progress(client::Core& core,
                                                identity::RevocationNumber number,
                                                client::Waiting waiting,
                                                const EventSink& sink);
    [[nodiscard]] net::Task<void> list_requests(client::Waiting waiting, const EventSink& sink);
    [[nodiscard]] net::Task<void> approve(Approve command,
                                          client::Waiting waiting,
                                          const EventSink& sink);
    [[nodiscard]] net::Task<void> set_policy(SetPolicy command,
                                             client::Waiting waiting,
                                             const EventSink& sink);
    [[nodiscard]] net::Task<void> show_report(client::Waiting waiting, const EventSink& sink);
    [[nodiscard]] Result<void> list_devices(const EventSink& sink);
    [[nodiscard]] Result<void> show_journal(const ShowJournal& command, const EventSink& sink);
    [[nodiscard]] net::Task<void> set_sections(SetSections command,
                                               client::Waiting waiting,
                                               const EventSink& sink);
    [[nodiscard]] net::Task<void> set_sight(SetSight command,
                                            client::Waiting waiting,
                                            const EventSink& sink);
    [[nodiscard]] Result<void> list_sections(const EventSink& sink);
    [[nodiscard]] net::Task<void> set_picture(SetPicture command,
                                              client::Waiting waiting,
                                              const EventSink& sink);
    /// A member with his devices.
    [[nodiscard]] Result<void> show_member(const client::Person& person, const EventSink& sink);
    /// The office. Errors: not_an_officer, handed_over, and those of device().
    [[nodiscard]] Result<Office*> office();
    /// The office, if it may act. Errors: also office_gathering.
    [[nodiscard]] Result<Office*> office_at_work();
    /// Errors: handed_over, and those of device().
    [[nodiscard]] Result<void> check_whose_office();
    [[nodiscard]] net::Task<void> make_backup(MakeBackup command, const EventSink& sink);
    [[nodiscard]] net::Task<void> restore(Restore command,
                                          client::Waiting waiting,
                                          const EventSink& sink);
    [[nodiscard]] net::Task<void> resume(client::Waiting waiting, const EventSink& sink);
    [[nodiscard]] net::Task<void> hand_over(HandOver command, const EventSink& sink);
    /// Until the office is open and the circle has come along.
    [[nodiscard]] net::Task<void> settle_office(client::Waiting waiting, const EventSink& sink);
    /// A vault with a new authority in it, or the one that was interrupted in founding.
    [[nodiscard]] Result<void> prepare_vault(const Found& command);

    std::unique_ptr<Office> office_;
    std::unique_ptr<net::TaskGroup> tasks_;
};

}  // namespace cercle::officer
