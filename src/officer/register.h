// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Register: what the officer's vault holds beyond a member's: the authority, the orders given to
// the relay, and the invitations that are out.

#include <optional>
#include <string>
#include <vector>

#include "identity/enrolment.h"
#include "identity/office.h"
#include "identity/passport.h"
#include "identity/sight.h"
#include "protocol/order.h"
#include "store/transaction.h"

namespace cercle::officer {

/// The authority with the key by which the relay knows its officer.
struct AuthorityRow {
    std::string circle_name;
    identity::Authority authority;
    crypto::SigningKey officer_key;
    std::int64_t claimed = 0;
};

/// Offered: nobody has come. Answered: our ephemeral key is out. Waiting: a request is here, and a
/// person has to compare words. Approved: they were right. Admitted: the certificate is out. Done:
/// the device is in the directory. Burnt: two different devices came with it, or something was
/// wrong with the one that came. Refused: the officer sent it away.
enum class InvitationStage : std::uint8_t {
    Offered = 0,
    Answered = 1,
    Admitted = 2,
    Done = 3,
    Burnt = 4,
    Waiting = 5,
    Approved = 6,
    Refused = 7
};

struct InvitationRow {
    protocol::ExchangeId exchange;
    std::string name;
    std::string role;
    WallTime expires;
    InvitationStage stage = InvitationStage::Offered;
    identity::Admitter admitter;
    std::optional<Bytes> step0;
    std::optional<Bytes> step1;
    std::optional<Bytes> step3;
    std::optional<identity::DeviceId> device;
    /// Without one, a person approves whoever comes. Invitations of builds that knew no approval
    /// count as such.
    identity::SecondCode second_code = identity::SecondCode::None;
    std::optional<Bytes> step2{};
    std::optional<std::string> words{};  // of step 2, while somebody waits
    std::uint32_t tries{};               // how often other words were given
};

struct OrderRow {
    protocol::OrderNumber number;
    Bytes signed_order;  // encoded
};

/// Where a machine stands whose office has come from another one, or goes to one. Gathering: it
/// was restored, and hears what members' devices know. Ready: it may open. Opening: the members are
/// taken into its directory conversation. Done. HandingOver: the successor has not been seen in
/// office. Over: he has, and the root is no longer here.
enum class SuccessionStage : std::uint8_t {
    Gathering = 1,
    Ready = 2,
    Opening = 3,
    Done = 4,
    HandingOver = 5,
    Over = 6
};

struct SuccessionRow {
    SuccessionStage stage = SuccessionStage::Done;
    identity::Succession how = identity::Succession::Restored;
    identity::DeviceId machine;     // the one before
    identity::MemberId successor;   // whose office it is after that
    std::int64_t orders_known = 0;  // 0: the relay may have had orders that this machine has not
    Secret answer_key{};            // to which devices encrypt what they tell; empty: none
    identity::InboxTurn turn{};     // of this machine's inbox, as the devices were told last
};

class Register {
  public:
    explicit Register(store::Database& database)
        : database_(database) {}

    /// Makes the tables where they are missing.
    [[nodiscard]] Result<void> prepare();

    [[nodiscard]] Result<std::optional<AuthorityRow>> authority() const;
    [[nodiscard]] static Result<void> keep(store::Transaction& transaction,
                                           const AuthorityRow& row);
    [[nodiscard]] Result<void> set_claimed();

    /// Signs an act as the next order, to be given to the relay.
    [[nodiscard]] static Result<protocol::OrderNumber> order(store::Transaction& transaction,
                                                             const crypto::SigningKey& officer_key,
                                                             decltype(protocol::Order::act) act);
    /// Those that the relay has not called done, in order.
    [[nodiscard]] Result<std::vector<OrderRow>> orders_to_give() const;
    [[nodiscard]] Result<void> set_given(protocol::OrderNumber number);
    [[nodiscard]] Result<bool> all_given() const;
    /// Where the relay should stand: the first one that it has not called done, or else the last.
    [[nodiscard]] Result<std::optional<OrderRow>> current_order() const;
    [[nodiscard]] Result<std::optional<OrderRow>> order_before(protocol::OrderNumber number) const;
    /// All after that number are to be given again.
    [[nodiscard]] Result<void> give_again_after(protocol::OrderNumber number);

    /// Those that wait get the next numbers: the relay has had others under theirs.
    [[nodiscard]] Result<void> renumber_waiting(const crypto::SigningKey& officer_key);

    [[nodiscard]] Result<std::optional<SuccessionRow>> succession() const;
    [[nodiscard]] static Result<void> keep(store::Transaction& transaction,
                                           const SuccessionRow& row);

    /// Under which key the relay was told to admit the device of that inbox; nothing if it was not.
    [[nodiscard]] static Result<std::optional<protocol::DeviceKey>> device_key(
        store::Transaction& transaction, protocol::LogId inbox);

    /// Whether the relay knows the device of another inbox under that key, as far as it is known
    /// here.
    [[nodiscard]] static Result<bool> is_of_another(store::Transaction& transaction,
                                                    protocol::LogId inbox,
                                                    const protocol::DeviceKey& key);

    /// Whether a device was ever to be admitted that has this one's key, inbox or reader.
    [[nodiscard]] Result<bool> has_admitted(const protocol::AdmitDevice& wanted) const;

    /// Whoever comes with that invitation comes as this member, whose device was lost.
    [[nodiscard]] static Result<void> set_replaced(store::Transaction& transaction,
                                                   protocol::ExchangeId exchange,
                                                   identity::MemberId member);
    /// As whom a newcomer comes, if not as somebody new.
    [[nodiscard]] Result<std::optional<identity::MemberId>> replaced(
        protocol::ExchangeId exchange) const;

    /// Into which sections whoever comes with that invitation comes.
    [[nodiscard]] static Result<void> set_sections(store::Transaction& transaction,
                                                   protocol::ExchangeId exchange,
                                                   const identity::Sections& sections);
    [[nodiscard]] Result<identity::Sections> sections(protocol::ExchangeId exchange) const;

    /// Which picture whoever comes with that invitation is to have.
    [[nodiscard]] static Result<void> set_picture(store::Transaction& transaction,
                                                  protocol::ExchangeId exchange,
                                                  BytesView picture);
    [[nodiscard]] Result<std::optional<Bytes>> picture(protocol::ExchangeId exchange) const;

    [[nodiscard]] static Result<void> add(store::Transaction& transaction,
                                          const InvitationRow& row);
    [[nodiscard]] static Result<void> update(store::Transaction& transaction,
                                             const InvitationRow& row);
    /// Those that somebody may still come with, or is in the middle of.
    [[nodiscard]] Result<std::vector<InvitationRow>> open_invitations(WallTime now) const;
    [[nodiscard]] Result<std::optional<InvitationRow>> invitation(
        protocol::ExchangeId exchange) const;

  private:
    store::Database& database_;
};

}  // namespace cercle::officer
