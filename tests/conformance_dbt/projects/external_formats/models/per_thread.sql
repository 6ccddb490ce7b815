{{ config(location='out/pt', format='parquet', options={'per_thread_output': true}) }} select range as i from range(300000)
