// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Office: the officer at work. Keeps a session of its own with the relay, gives it the orders
// that are due, and answers whoever comes with an invitation (identity/enrolment.h draws the
// steps). What a step needs is stored before it is shown, so an office that crashed goes on.

#include <functional>
#include <map>
#include <memory>

#include "client/compose.h"
#include "client/device.h"
#include "client/session.h"
#include "officer/halls.h"
#include "officer/journal.h"
#include "officer/register.h"

namespace cercle::officer {

/// Sentences for the officer, such as that somebody has joined.
using Announce = std::function<void(std::string)>;

/// Somebody waits to be approved.
using OnRequest = std::function<void(const InvitationRow&)>;

/// So often other words may be given for a request; then the invitation is withdrawn.
inline constexpr std::uint32_t tries_of_words = 3;

/// Of who sees whom.
enum class Rule : std::uint8_t { Ends = 0, Holds = 1 };

class Office {
  public:
    Office(client::Device& device, AuthorityRow authority);

    /// Until cancelled.
    [[nodiscard]] net::Task<void> run();

    /// What it tells, and whom.
    void set_announce(Announce announce) { announce_ = std::move(announce); }

    /// Who hears of each request as it comes.
    void set_on_request(OnRequest on_request) { on_request_ = std::move(on_request); }

    enum class Daily : std::uint8_t { No, Yes };

    /// Whether it says every day how the circle stands: an office that serves does.
    void set_daily(Daily daily) {
        daily_ = daily;
        wake();
    }

    /// There is a new order or invitation.
    void wake() { work_.set(); }

    /// Everything ordered so far has been done by the relay.
    [[nodiscard]] Result<bool> all_given() const { return register_.all_given(); }

    [[nodiscard]] bool claimed() const { return authority_.claimed != 0; }

    [[nodiscard]] const AuthorityRow& authority() const { return authority_; }

    /// The last reason why the relay could not be reached, or why it refuses this officer.
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

    /// Puts a member into these sections and no others (officer/sections.h). Errors: those of
    /// put_in_sections.
    [[nodiscard]] Result<void> put_in(identity::MemberId member, const identity::Sections& now);
    /// Sets a member's picture, or takes it away (officer/pictures.h). Errors: those of portray.
    [[nodiscard]] Result<void> portray(identity::MemberId member,
                                       const std::optional<Bytes>& picture);
    /// Makes a rule of who sees whom, or ends it. Errors: those of set_sight.
    [[nodiscard]] Result<void> rule(const identity::Sight& sight, Rule rule);

    /// The officer's one act (officer/lost.h). The relay drops the devices once all orders are
    /// given. Errors: those of report_lost.
    [[nodiscard]] Result<void> lose(const std::vector<client::PersonDevice>& devices);

    /// Sets rules of the circle's policy (officer/policy.h). Errors: those of set_policy.
    [[nodiscard]] Result<void> set_policy(const std::vector<std::string>& changes);

    struct Wanted {
        std::string name;
        std::string role;
        Duration lifetime;
        identity::SecondCode second_code = identity::SecondCode::None;
        /// Into which he comes.
        identity::Sections sections{};
        /// Whoever comes is this member again, in place of a lost device.
        std::optional<identity::MemberId> returning{};
        /// Which he is to have; judged (identity/picture.h).
        std::optional<Bytes> picture{};
    };

    struct Made {
        protocol::ExchangeId exchange;
        std::string text;
        WallTime expires;
        std::optional<std::string> code;
    };

    /// Whether somebody is invited whose name is another, and can be taken for this one.
    [[nodiscard]] Result<bool> awaits_look_alike(std::string_view name) const;
    /// Makes an invitation. The relay knows it once all orders are given.
    [[nodiscard]] Result<Made> invite(Wanted wanted);

    /// Tells everybody that this is the relay's key. Errors: relay_key_mismatch, if it is not the
    /// one that this machine has followed to.
    Result<void> confirm_relay(const identity::RelayFingerprint& key);
    /// Those who wait for a person to approve them.
    [[nodiscard]] Result<std::vector<InvitationRow>> requests() const;
    /// By its id, or by the exact name of one who waits alone under it.
    /// Errors: unknown, ambiguous, invitation_expired.
    [[nodiscard]] Result<InvitationRow> request(std::string_view which) const;
    /// The words are those that the newcomer reads out: he is admitted as soon as the relay, who
    /// is asked whether somebody else came too, is reached. Errors: words_invalid (then nothing
    /// has happened), words_wrong (counted before it is said), and those of request().
    [[nodiscard]] Result<protocol::ExchangeId> approve(std::string_view which,
                                                       std::string_view words);
    /// He is sent away, and the invitation with him. Errors: those of request().
    [[nodiscard]] Result<void> refuse(std::string_view which);
    /// How an invitation stands. Errors: unknown.
    [[nodiscard]] Result<InvitationRow> standing(protocol::ExchangeId exchange) const;

    /// A restored office opens, whoever has not told yet what he knows. Nothing if it is open.
    [[nodiscard]] Result<void> proceed();
    [[nodiscard]] Result<bool> is_gathering() const;

    /// Set once the office is another machine's.
    [[nodiscard]] net::Event& retired() { return retired_; }

    /// How often it has looked at all open invitations at the relay.
    [[nodiscard]] std::uint64_t rounds() const { return rounds_; }

  private:
    [[nodiscard]] net::Task<void> serve(client::Session& session);
    /// Finds out what the relay has forgotten, if it was restored from an older backup, so that it
    /// is given again.
    [[nodiscard]] net::Task<void> look_for_forgotten(client::Session& session);
    /// The same on a machine that may not know all that the relay was told (moving.cpp).
    [[nodiscard]] net::Task<void> find_orders(client::Session& session);
    /// Errors: closing, on a machine whose office has gone to another one.
    [[nodiscard]] Result<void> check_in_office();
    [[nodiscard]] Result<void> look_after_succession();
    /// For how long it may wait for something to do: others' answers, and others' coming, wake
    /// nobody.
    [[nodiscard]] Result<Duration> silence_now();
    /// Words on the office, each into an inbox.
    [[nodiscard]] net::Task<void> give_words(client::Session& session);
    /// Everybody who has no place in a hall gets one.
    [[nodiscard]] Result<void> seat_all();
    /// Each hall is shown all that its readers see, when somebody has come into it.
    [[nodiscard]] Result<void> show_all();
    /// Done, once nobody is away.
    [[nodiscard]] Result<void> end_moving();
    /// Those who have not come along hear of this machine's present inbox, to which they answer.
    [[nodiscard]] Result<void> tell_turn(const std::vector<identity::DeviceId>& away,
                                         SuccessionRow row);
    [[nodiscard]] net::Task<void> give_order(client::Session& session, const OrderRow& row);
    [[nodiscard]] net::Task<void> give_orders(client::Session& session);
    [[nodiscard]] net::Task<void> attend(client::Session& session, InvitationRow row);
    [[nodiscard]] net::Task<std::optional<Bytes>> get_step(client::Session& session,
                                                           InvitationRow& row,
                                                           std::uint8_t step);
    [[nodiscard]] net::Task<void> put_step(client::Session& session,
                                           const InvitationRow& row,
                                           std::uint8_t step,
                                           Bytes payload);
    [[nodiscard]] Result<void> answer(InvitationRow& row, Bytes step0);
    /// A request is kept until a person has compared words.
    [[nodiscard]] Result<void> hold(InvitationRow& row, Bytes step2);
    [[nodiscard]] Result<void> withdraw(InvitationRow& row, InvitationStage stage, Act act);
    [[nodiscard]] net::Task<void> look_ahead(client::Session& session, InvitationRow& row);
    [[nodiscard]] Result<void> admit(InvitationRow& row, BytesView step2);
    [[nodiscard]] Result<void> shut_out(InvitationRow& row);
    [[nodiscard]] Result<void> welcome(InvitationRow& row, std::optional<Bytes> package);
    [[nodiscard]] Result<Hall> hall_of(identity::DeviceId device);
    /// To all halls, as far as each sees it.
    [[nodiscard]] Result<void> publish_since(identity::DeviceId device);
    /// Whose the office is, for who has come in since it has moved.
    [[nodiscard]] Result<void> repeat_office_word(identity::DeviceId device);
    /// What was said of the relay's key, for who has come in since.
    [[nodiscard]] Result<void> repeat_relay_word(protocol::LogId hall);
    /// Certificates that end soon are made anew and spread, until their devices show them
    /// (renewals.cpp). Now and then.
    [[nodiscard]] Result<void> look_after_certificates();
    [[nodiscard]] Result<void> renew_those_ending(WallTime now);
    [[nodiscard]] Result<void> forget_those_shown(WallTime now, const std::vector<Hall>& halls);
    [[nodiscard]] Result<bool> spread_some(WallTime now, const std::vector<Hall>& halls);
    /// Newcomers who have come into the directory's conversation meanwhile hear of inboxes that
    /// were announced before they could hear it (newcomers.h).
    [[nodiscard]] Result<void> tell_newcomers();
    /// What was announced in one hall is said in the others. Now and then.
    [[nodiscard]] Result<void> tell_other_halls();
    [[nodiscard]] Result<void> say_inboxes(store::Transaction& transaction,
                                           const std::vector<identity::DeviceId>& devices,
                                           const Hall& hall);
    /// The circle's status, if it is time (daily.cpp).
    [[nodiscard]] Result<void> say_daily();
    [[nodiscard]] Result<void> burn(InvitationRow& row, std::string sentence);

    client::Device& device_;
    client::Core& core_;
    AuthorityRow authority_;
    Register register_;
    net::Event work_;
    net::Event retired_;
    Announce announce_;
    OnRequest on_request_;
    Daily daily_ = Daily::No;
    std::uint64_t rounds_ = 0;
    std::optional<SteadyTime> looked_after_;
    std::optional<SteadyTime> told_halls_;

    /// Since when a hall of an office that moves has as many leaves as it has.
    struct Coming {
        std::int64_t leaves = 0;
        SteadyTime since{};
    };

    std::map<protocol::LogId, Coming> coming_;
    std::optional<SteadyTime> opening_since_;
    std::optional<Error> failure_;
};

}  // namespace cercle::officer
