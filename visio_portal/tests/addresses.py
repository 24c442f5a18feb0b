"""Every address of the portal, with what it answers to each visitor, in the order of ``VISITORS``.

A row is the address's name, the method and either eight statuses or a word of ``WORDS`` that stands for them.
"""

VISITORS = ("anonymous", "outsider", "colleague", "organizer", "procurement", "auditor", "admin", "operator")

WORDS = {
    "EVERYBODY": "200 200 200 200 200 200 200 200",
    "REDIRECTED": "302 302 302 302 302 302 302 302",
    "NOBODY": "403 403 403 403 403 403 403 403",
    "NO_TOKEN": "401 401 401 401 401 401 401 401",
}

TABLE = """
home                             GET  REDIRECTED
sitemap                          GET  EVERYBODY
accessibility                    GET  EVERYBODY
legal_notice                     GET  EVERYBODY
personal_data                    GET  EVERYBODY
set_language                     POST REDIRECTED
identity:sign_in                 GET  200 302 302 302 302 302 302 302
identity:start                   GET  REDIRECTED
identity:callback                GET  NOBODY
identity:sign_out                POST REDIRECTED
identity:signed_out              GET  200 302 302 302 302 302 302 302
files:object                     GET  NOBODY
worker:claim                     POST NO_TOKEN
worker:progress                  POST NO_TOKEN
worker:complete                  POST NO_TOKEN
worker:fail                      POST NO_TOKEN
service:job_create               POST NO_TOKEN
service:job_detail               GET  NO_TOKEN
service:transcript               GET  NOBODY
api:schema                       GET  EVERYBODY
api:docs                         GET  EVERYBODY
api:transcript-speaker           GET  NO_TOKEN
api:meeting-list                 GET  NO_TOKEN
api:meeting-answers              GET  NO_TOKEN
api:meeting-cancel               POST NO_TOKEN
api:meeting-restore              POST NO_TOKEN
api:occurrence-list              GET  NO_TOKEN
api:occurrence-detail            GET  NO_TOKEN
api:occurrence-cancel            POST NO_TOKEN
api:occurrence-restore           POST NO_TOKEN
api:occurrence-cancel-following  POST NO_TOKEN
api:occurrence-attendance        GET  NO_TOKEN
api:occurrence-attendance-sheet  GET  NO_TOKEN
api:meeting-conference           GET  NO_TOKEN
api:conference-retry             POST NO_TOKEN
api:room-rules                   GET  NO_TOKEN
api:room-request-list            GET  NO_TOKEN
api:room-request-confirm         POST NO_TOKEN
api:room-request-refuse          POST NO_TOKEN
api:rules                        GET  NO_TOKEN
api:free-busy                    GET  NO_TOKEN
api:poll-list                    GET  NO_TOKEN
api:poll-detail                  GET  NO_TOKEN
api:poll-answers                 POST NO_TOKEN
api:poll-choose                  POST NO_TOKEN
api:poll-cancel                  POST NO_TOKEN
api:poll-remind                  POST NO_TOKEN
api:delegation-list              GET  NO_TOKEN
api:delegation-detail            GET  NO_TOKEN
api:delegation-end               POST NO_TOKEN
api:group-list                   GET  NO_TOKEN
api:group-detail                 GET  NO_TOKEN
api:template-list                GET  NO_TOKEN
api:template-detail              GET  NO_TOKEN
api:template-schedule            POST NO_TOKEN
api:feed-list                    GET  NO_TOKEN
api:feed-revoke                  POST NO_TOKEN
api:pending-answer-list          GET  NO_TOKEN
api:pending-answer-detail        GET  NO_TOKEN
api:pending-answer-confirm       POST NO_TOKEN
api:pending-answer-dismiss       POST NO_TOKEN
api:room-list                    GET  NO_TOKEN
api:room-availability            GET  NO_TOKEN
api:room-detail                  GET  NO_TOKEN
api:meeting-detail               GET  NO_TOKEN
api:transcript-list              GET  NO_TOKEN
api:transcript-detail            GET  NO_TOKEN
api:reconciliation               GET  NO_TOKEN
api:contract-list                GET  NO_TOKEN
api:contract-detail              GET  NO_TOKEN
api:contract-lines               POST NO_TOKEN
api:contract-line                PATCH NO_TOKEN
api:contract-amendments          POST NO_TOKEN
api:contract-amendment           DELETE NO_TOKEN
api:notices                      GET  NO_TOKEN
api:notice                       GET  NO_TOKEN
api:product-list                 GET  NO_TOKEN
api:savings                      GET  NO_TOKEN
api:net                          GET  NO_TOKEN
api:scenarios                    GET  NO_TOKEN
api:dashboard                    GET  NO_TOKEN
api:editions                     GET  NO_TOKEN
api:edition                      GET  NO_TOKEN
api:usage-import-list            GET  NO_TOKEN
api:usage-import-detail          GET  NO_TOKEN
api:usage-import-answer          POST NO_TOKEN
api:usage-import-commit          POST NO_TOKEN
api:usage-import-undo            POST NO_TOKEN
api:usage-import-problems        GET  NO_TOKEN
api:usage-upload-new             POST NO_TOKEN
api:usage-upload                 GET  NO_TOKEN
api:usage-upload-part            PUT  NO_TOKEN
api:usage-upload-complete        POST NO_TOKEN
api:unknown                      GET  404 404 404 404 404 404 404 404
health:live                      GET  EVERYBODY
health:ready                     GET  EVERYBODY
health:workers                   GET  503 503 503 503 503 503 503 503
operator_home                    GET  302 404 404 404 404 404 404 200
operator:route_create            GET  302 404 404 404 404 404 404 200
state:dashboard                  GET  302 404 404 404 404 404 404 200
state:dashboard_table            GET  302 404 404 404 404 404 404 200
state:ministry                   GET  302 404 404 404 404 404 404 200
state:ministry_table             GET  302 404 404 404 404 404 404 200
catalogue:sku_list               GET  302 404 404 404 404 404 404 200
catalogue:product_list           GET  302 404 404 404 404 404 404 200
catalogue:product_create         GET  302 404 404 404 404 404 404 200
catalogue:product_detail         GET  302 404 404 404 404 404 404 200
catalogue:price_create           GET  302 404 404 404 404 404 404 200
catalogue:run_cost_list          GET  302 404 404 404 404 404 404 200
catalogue:run_cost_create        GET  302 404 404 404 404 404 404 200
catalogue:rate_list              GET  302 404 404 404 404 404 404 200
catalogue:rate_create            GET  302 404 404 404 404 404 404 200
tenant_home                      GET  302 404 200 200 200 200 200 404
home_transcribing                GET  302 404 200 200 200 200 200 404
tenants:journal                  GET  302 404 403 403 403 200 200 404
tenants:member_list              GET  302 404 403 403 403 403 200 404
tenants:member_roles             GET  302 404 403 403 403 403 200 404
tenants:unit_list                GET  302 404 403 403 403 403 200 404
tenants:token_list               GET  302 404 200 200 200 200 200 404
tenants:token_create             GET  302 404 200 200 200 200 200 404
tenants:token_revoke             GET  302 404 404 404 404 404 200 404
tenants:token_revoke             POST 302 404 404 404 404 404 302 404
uploads:create                   POST 302 404 400 400 400 400 400 404
uploads:state                    GET  302 404 404 200 404 404 404 404
uploads:part                     PUT  302 404 404 422 404 404 404 404
uploads:complete                 POST 302 404 404 409 404 404 404 404
rooms:meeting_list               GET  302 404 200 200 200 200 200 404
rooms:meeting_create             GET  302 404 200 200 200 200 200 404
rooms:meeting_now                POST 302 404 302 302 302 302 302 404
rooms:meeting_detail             GET  302 404 404 200 404 404 404 404
rooms:meeting_edit               GET  302 404 404 200 404 404 404 404
rooms:meeting_cancel             POST 302 404 404 302 404 404 404 404
rooms:meeting_restore            POST 302 404 404 409 404 404 404 404
rooms:meeting_dates              GET  302 404 404 200 404 404 404 404
rooms:occurrence_detail          GET  302 404 404 200 404 404 404 404
rooms:occurrence_edit            GET  302 404 404 200 404 404 404 404
rooms:occurrence_cancel          POST 302 404 404 302 404 404 404 404
rooms:occurrence_restore         POST 302 404 404 409 404 404 404 404
rooms:conference_state           GET  302 404 404 200 404 404 404 404
rooms:conference_retry           POST 302 404 404 302 404 404 404 404
rooms:attendance                 GET  302 404 404 200 404 404 404 404
rooms:attendance_sheet           GET  302 404 404 200 404 404 404 404
rooms:join                       GET  EVERYBODY
rooms:visio_connection           GET  302 404 403 403 403 403 200 404
rooms:visio_check                POST 302 404 403 403 403 403 302 404
rooms:visio_webhook              POST NO_TOKEN
rooms:answer                     GET  404 404 404 404 404 404 404 404
rooms:answers                    GET  302 404 404 200 404 404 404 404
rooms:pending_settle             POST 302 404 404 302 404 404 404 404
rooms:mail_list                  GET  302 404 404 200 404 404 404 404
rooms:mail_correct               GET  302 404 404 200 404 404 404 404
rooms:mailbox                    GET  302 404 403 403 403 403 200 404
rooms:mailbox_check              POST 302 404 403 403 403 403 302 404
rooms:feed_list                  GET  302 404 200 200 200 200 200 404
rooms:feed_revoke                POST 302 404 404 302 404 404 404 404
rooms:feed                       GET  404 404 404 404 404 404 404 404
rooms:import_create              GET  302 404 200 200 200 200 200 404
rooms:import_detail              GET  302 404 404 200 404 404 404 404
rooms:original_cancelled         POST 302 404 404 302 404 404 404 404
rooms:saved_list                 GET  302 404 200 200 200 200 200 404
rooms:group_create               GET  302 404 200 200 200 200 200 404
rooms:group_edit                 GET  302 404 404 200 404 404 404 404
rooms:group_delete               POST 302 404 404 302 404 404 404 404
rooms:template_create            GET  302 404 404 200 404 404 404 404
rooms:template_delete            POST 302 404 404 302 404 404 404 404
rooms:calendar                   GET  302 404 200 200 200 200 200 404
rooms:planning                   GET  302 404 200 200 200 200 200 404
rooms:free_times                 GET  302 404 200 200 200 200 200 404
rooms:external_calendar          GET  302 404 200 200 200 200 200 404
rooms:external_calendar_forget   POST 302 404 302 302 302 302 302 404
rooms:delegation_list            GET  302 404 200 200 200 200 200 404
rooms:delegation_create          GET  302 404 200 200 200 200 200 404
rooms:delegation_end             GET  302 404 200 200 404 404 404 404
rooms:poll_list                  GET  302 404 200 200 200 200 200 404
rooms:poll_create                GET  302 404 200 200 200 200 200 404
rooms:poll_detail                GET  302 404 404 200 404 404 404 404
rooms:poll_choose                GET  302 404 404 200 404 404 404 404
rooms:poll_cancel                GET  302 404 404 200 404 404 404 404
rooms:poll_remind                POST 302 404 404 409 404 404 404 404
rooms:poll_answer                GET  404 404 404 404 404 404 404 404
rooms:room_list                  GET  302 404 200 200 200 200 200 404
rooms:room_create                GET  302 404 403 403 403 403 200 404
rooms:room_detail                GET  302 404 200 200 200 200 200 404
rooms:room_edit                  GET  302 404 200 403 403 403 200 404
rooms:room_close                 POST 302 404 302 403 403 403 302 404
rooms:room_reopen                POST 302 404 409 403 403 403 409 404
rooms:request_list               GET  302 404 200 200 200 200 200 404
rooms:request_confirm            POST 302 404 409 403 403 403 409 404
rooms:request_refuse             GET  302 404 200 403 403 403 200 404
rooms:policy                     GET  302 404 403 403 403 403 200 404
rooms:policy_rule                GET  302 404 403 403 403 403 200 404
rooms:unit_policy                GET  302 404 403 403 403 403 200 404
rooms:unit_policy_rule           GET  302 404 403 403 403 403 200 404
state_policy:policy              GET  302 404 404 404 404 404 404 200
state_policy:policy_rule         GET  302 404 404 404 404 404 404 200
transcripts:recording_create     GET  302 404 404 200 404 404 404 404
transcripts:recording_detail     GET  302 404 404 200 404 404 404 404
transcripts:recording_progress   GET  302 404 404 200 404 404 404 404
transcripts:recording_sound      GET  302 404 404 200 404 404 404 404
transcripts:transcription_cancel POST 302 404 404 409 404 404 404 404
transcripts:transcription_retry  POST 302 404 404 409 404 404 404 404
transcripts:transcript_list      GET  302 404 200 200 200 200 200 404
transcripts:transcript_detail    GET  302 404 404 200 404 404 404 404
transcripts:transcript_lines     GET  302 404 404 200 404 404 404 404
transcripts:transcript_names     GET  302 404 404 200 404 404 404 404
transcripts:speaker_rename       POST 302 404 404 302 404 404 404 404
transcripts:service_detail       GET  302 404 403 403 403 403 200 404
transcripts:service_edit         GET  302 404 403 403 403 403 200 404
transcripts:service_key          POST 302 404 403 403 403 403 200 404
transcripts:transcript_export    GET  302 404 404 200 404 404 404 404
licensing:usage_list             GET  302 404 403 403 200 403 403 404
licensing:usage_create           POST 302 404 403 403 422 403 403 404
licensing:usage_detail           GET  302 404 403 403 200 403 403 404
licensing:usage_columns          GET  302 404 403 403 404 403 403 404
licensing:usage_answer           POST 302 404 403 403 302 403 403 404
licensing:usage_confirm          POST 302 404 403 403 409 403 403 404
licensing:usage_undo             GET  302 404 403 403 200 403 403 404
licensing:usage_undo             POST 302 404 403 403 302 403 403 404
licensing:usage_remove           POST 302 404 403 403 409 403 403 404
licensing:usage_problems         GET  302 404 403 403 200 403 403 404
licensing:dashboard              GET  302 404 403 403 200 403 403 404
licensing:dashboard_table        GET  302 404 403 403 200 403 403 404
licensing:dashboard_report       GET  302 404 403 403 200 403 403 404
licensing:savings                GET  302 404 403 403 200 403 403 404
licensing:savings_table          GET  302 404 403 403 404 403 403 404
licensing:savings_net            GET  302 404 403 403 200 403 403 404
licensing:savings_net_table      GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_list      GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_create    GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_update    GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_remove    GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_remove    POST 302 404 403 403 302 403 403 404
licensing:scenario_list          GET  302 404 403 403 200 403 403 404
licensing:scenario_table         GET  302 404 403 403 404 403 403 404
licensing:scenario_create        GET  302 404 403 403 200 403 403 404
licensing:scenario_update        GET  302 404 403 403 200 403 403 404
licensing:scenario_duplicate     POST 302 404 403 403 302 403 403 404
licensing:scenario_remove        GET  302 404 403 403 200 403 403 404
licensing:scenario_remove        POST 302 404 403 403 302 403 403 404
licensing:planned_need           GET  302 404 403 403 200 403 403 404
licensing:planned_need_table     GET  302 404 403 403 404 403 403 404
licensing:savings_month          GET  302 404 403 403 200 403 403 404
licensing:savings_line_month     GET  302 404 403 403 200 403 403 404
licensing:month_list             GET  302 404 403 403 200 403 403 404
licensing:month_detail           GET  302 404 403 403 200 403 403 404
licensing:edition_list           GET  302 404 403 403 200 403 403 404
licensing:edition_detail         GET  302 404 403 403 200 403 403 404
licensing:edition_file           GET  302 404 403 403 200 403 403 404
editions:edition_list            GET  302 404 404 404 404 404 404 200
editions:edition_create          GET  302 404 404 404 404 404 404 302
editions:edition_create          POST 302 404 404 404 404 404 404 409
editions:edition_detail          GET  302 404 404 404 404 404 404 200
editions:edition_file            GET  302 404 404 404 404 404 404 200
licensing:programme              GET  302 404 403 403 200 403 200 404
licensing:headcount_set          GET  302 404 403 403 200 403 200 404
licensing:target_create          GET  302 404 403 403 200 403 200 404
licensing:target_remove          POST 302 404 403 403 302 403 302 404
licensing:exemption_create       GET  302 404 403 403 200 403 200 404
licensing:exemption_prolong      GET  302 404 403 403 200 403 200 404
licensing:exemption_end          POST 302 404 403 403 302 403 302 404
licensing:wave_create            GET  302 404 403 403 200 403 200 404
licensing:wave_detail            GET  302 404 403 403 200 403 200 404
licensing:wave_update            GET  302 404 403 403 200 403 200 404
licensing:wave_remove            GET  302 404 403 403 200 403 200 404
licensing:wave_remove            POST 302 404 403 403 302 403 302 404
licensing:wave_place             GET  302 404 403 403 200 403 200 404
licensing:place_remove           POST 302 404 403 403 302 403 302 404
licensing:item_create            GET  302 404 403 403 200 403 200 404
licensing:item_tick              POST 302 404 403 403 302 403 302 404
licensing:milestone_create       GET  302 404 403 403 200 403 200 404
licensing:milestone_reach        POST 302 404 403 403 302 403 302 404
licensing:account_list           GET  302 404 403 403 200 403 403 404
licensing:alias_list             GET  302 404 403 403 200 403 403 404
licensing:alias_confirm          POST 302 404 403 403 302 403 403 404
licensing:alias_undo             POST 302 404 403 403 302 403 403 404
licensing:department_list        GET  302 404 403 403 200 403 403 404
licensing:reconciliation         GET  302 404 403 403 200 403 403 404
licensing:reclaim_list           GET  302 404 403 403 200 403 403 404
licensing:reclaim_mark           POST 302 404 403 403 400 403 403 404
licensing:reclaim_file           GET  302 404 403 403 200 403 403 404
licensing:contract_list          GET  302 404 403 403 200 403 403 404
licensing:contract_create        GET  302 404 403 403 200 403 403 404
licensing:contract_detail        GET  302 404 403 403 200 403 403 404
licensing:contract_update        GET  302 404 403 403 200 403 403 404
licensing:line_create            GET  302 404 403 403 200 403 403 404
licensing:line_update            GET  302 404 403 403 200 403 403 404
licensing:line_remove            GET  302 404 403 403 200 403 403 404
licensing:line_remove            POST 302 404 403 403 302 403 403 404
licensing:contract_import        GET  302 404 403 403 200 403 403 404
licensing:contract_workbook      GET  302 404 403 403 200 403 403 404
licensing:contract_template      GET  302 404 403 403 200 403 403 404
licensing:notice_list            GET  302 404 403 403 200 403 403 404
licensing:notice_detail          GET  302 404 403 403 200 403 403 404
licensing:notice_follow          GET  302 404 403 403 404 403 403 404
licensing:notice_receipt         GET  302 404 403 403 404 403 403 404
licensing:notice_letter          GET  302 404 403 403 404 403 403 404
licensing:notice_feed_list       GET  302 404 403 403 200 403 403 404
licensing:notice_feed_revoke     POST 302 404 403 403 302 403 403 404
licensing:notice_feed            GET  404 404 404 404 404 404 404 404
licensing:document_create        GET  302 404 403 403 200 403 403 404
licensing:document               GET  302 404 403 403 200 403 403 404
licensing:amendment_create       GET  302 404 403 403 200 403 403 404
licensing:amendment_remove       GET  302 404 403 403 200 403 403 404
licensing:amendment_proof        GET  302 404 403 403 404 403 403 404
"""


def rows() -> list[tuple[str, str, str]]:
    """Return each row's name, method and statuses, its word spelt out."""
    split = (line.split(maxsplit=2) for line in TABLE.strip().splitlines())
    return [(name, method, WORDS.get(answers, answers)) for name, method, answers in split]
