# For c/test.sh and lua/test.sh: `routes COMMAND...` runs an example of examples/ on five calls and compares
# what it prints. The command gets callee, From and asserted identities.
routes() {
    diff <(
        "$@" sip:02125550147@pbx.example '<sip:05050047824@gw.example>;tag=1'
        "$@" sip:02125550147@pbx.example sip:alice@gw.example '<tel:+905050047824>'
        "$@" sip:05050047824@gw.example sip:02125550148@pbx.example
        "$@" sip:112@pbx.example '<sip:05050047824@gw.example>;tag=1'
        "$@" sip:02125550147@pbx.example sip:02125550148@pbx.example
    ) - <<'END'
SIP/2.0 607 Unwanted (the caller is +905050047824 on list spam)
SIP/2.0 607 Unwanted (the caller is +905050047824 on list spam)
SIP/2.0 607 Unwanted (the callee is +905050047824 on list spam)
goes on: an emergency call
goes on
END
}
