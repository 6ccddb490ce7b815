{{ kit.newest(ref('sales'), by='region', order='day desc') }}
