-- Each of the last days has between 60 and 160 percent of the visits of the four weeks before it.
{{ days_of_unusual_volume(ref('stg_sessions'), by='session_date') }}
